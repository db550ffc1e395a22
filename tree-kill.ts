import { checkPid, read, wrongType } from './lib/arguments.js'
import { signalNumber } from './lib/signal.js'
import { signalTree } from './lib/signal-tree.js'

type Callback = (error?: Error) => void

/**
 * Sends SIGTERM to a process and all its descendants. This is a drop-in replacement for tree-kill 1.2.2 that uses handles
 * instead of `ps`. It does not wait for the processes to exit: for that, use `terminate()` of killtarget.
 *
 * @param pid The pid of the process.
 * @param callback Called when all signals are sent, with an error if one failed. Without a callback the error is an uncaught
 * exception.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree-kill.md}
 * @example
 * treeKill(child.pid, (error) => console.log(error ?? 'SIGTERM was sent'))
 */
function treeKill(pid: number, callback?: (error?: Error) => void): void
/**
 * Sends a signal to a process and all its descendants. This is a drop-in replacement for tree-kill 1.2.2 that uses handles
 * instead of `ps`. It does not wait for the processes to exit: for that, use `terminate()` of killtarget.
 *
 * @param pid The pid of the process.
 * @param signal A signal name or number. Default: `'SIGTERM'`.
 * @param callback Called when all signals are sent, with an error if one failed. Without a callback the error is an uncaught
 * exception.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree-kill.md}
 * @example
 * treeKill(child.pid, 'SIGKILL', (error) => console.log(error ?? 'SIGKILL was sent'))
 */
function treeKill(pid: number, signal?: string | number, callback?: (error?: Error) => void): void
function treeKill(pid: unknown, signal?: unknown, callback?: unknown): void {
  if (typeof signal === 'function' && callback === undefined) [signal, callback] = [undefined, signal]
  if (callback && typeof callback !== 'function') throw wrongType('callback', 'a function', callback)
  const done = (callback || throwError) as Callback
  let checked: number
  try {
    checked = parsePid(pid)
  } catch (error) {
    return done(error as Error)
  }
  // Called outside the promise: inside it, an error that the callback throws would be an unhandled rejection.
  send(checked, signal).then(
    () => process.nextTick(done),
    (error: Error) => process.nextTick(done, error),
  )
}

/** Allows `import * as treeKill`. */
declare namespace treeKill {}

export = treeKill

/** Async, so that an invalid signal rejects instead of throwing: only an invalid pid is reported at once. */
async function send(pid: number, signal: unknown): Promise<void> {
  // As in `process.kill`: 0 is a signal, and other falsy values stand for none.
  return signalTree(pid, signalNumber(signal === 0 ? signal : signal || 'SIGTERM'))
}

function parsePid(value: unknown): number {
  // A number is not parsed as text: the text of 1e21 begins with a 1.
  const pid = typeof value === 'number' ? Math.trunc(value) : Number.parseInt(read('text', () => String(value)))
  if (!Number.isFinite(pid)) throw new Error('pid must be a number')
  checkPid(pid)
  return pid
}

function throwError(error?: Error): void {
  if (error !== undefined) throw error
}
