import { constants } from 'node:os'
import type { ProcessInfo as Found } from '../binding.js'
import { KillError } from './errors.js'
import { killAtExit } from './exit-hook.js'
import { unwrap } from './handle.js'
import { native } from './native.js'
import { startOperation } from './pending.js'

/**
 * Signals a process and all its descendants. No process is protected; this process is signalled last if it is among them.
 *
 * The signals are being sent when this returns, and the promise resolves once all are sent. If a process may not be
 * signalled, all others are. The promise then rejects with the error that `process.kill` throws.
 */
export async function signalTree(pid: number, signal: number): Promise<void> {
  const notPermitted = await start(pid, signal).catch(ifNotPermitted)
  if (notPermitted === null || notPermitted.length > 0) throw notPermittedError()
}

/** Resolves to the processes that may not be signalled. */
async function start(pid: number, signal: number): Promise<Found[]> {
  killAtExit()
  // Unverified if it has to be: the caller has nothing but the pid either.
  const handle = unwrap(native.open(pid, true), pid)
  const signalDescendants = (queue: number, id: number) => native.signalDescendants(queue, handle, id, signal)
  try {
    return startOperation<Found[]>(pid, signalDescendants, native.fetchProcesses).result
  } finally {
    // The operation has a handle of its own.
    native.close(handle)
  }
}

function ifNotPermitted(error: unknown): null {
  if (error instanceof KillError && error.code === 'EPERM') return null
  throw error
}

/** Makes an error like Node's own. */
function notPermittedError(): Error {
  return Object.assign(new Error('kill EPERM'), { errno: -constants.errno.EPERM, code: 'EPERM', syscall: 'kill' })
}
