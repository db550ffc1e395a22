import { native } from './native.js'
import { shared } from './shared.js'

/** Turns pending grace periods into SIGKILL: a function of each binary that all loads of the package use. */
const flushes = shared('flushes', () => new Set<() => void>())

/** The `process` objects with a listener. Jest makes copies of the real one. */
const listening = shared('listening', () => new WeakSet<NodeJS.Process>())

/**
 * Installs an exit listener that turns pending grace periods into SIGKILL, also on `process.exit()` and `process.execve()`.
 * After the exit of this process nothing would send that SIGKILL. All loads of the package share one.
 *
 * A worker needs no listener: the core keeps running when the worker exits.
 */
export function killAtExit(): void {
  flushes.add(native.flush)
  if (listening.has(process)) return
  listening.add(process)
  // Required here because it is slow to load, and few programs terminate anything.
  const { isMainThread } = require('node:worker_threads') as typeof import('node:worker_threads')
  if (!isMainThread) return
  process.once('exit', flushAll)
  flushAtExecve()
}

/** `process.execve()` replaces the program without an `exit` event. Node 22.15 and later, and Bun, have it. */
function flushAtExecve(): void {
  const { execve } = process as { execve?: (...args: unknown[]) => unknown }
  if (typeof execve !== 'function') return
  const flushing = {
    execve(this: unknown, ...args: unknown[]): unknown {
      flushAll()
      return Reflect.apply(execve, this, args)
    },
  }
  Object.assign(process, flushing)
}

function flushAll(): void {
  for (const flush of flushes) flush()
}
