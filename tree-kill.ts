import { checkPid } from './lib/arguments.js'
import { signalNumber } from './lib/signal.js'
import { signalTree } from './lib/signal-tree.js'

type Callback = (error?: Error) => void

/**
 * Signals a process and all its descendants: tree-kill 1.2.2, by handles in place of `ps`. It sends one signal and does not
 * wait for what comes of it; for that there is `terminate()` of killtarget.
 *
 * @param pid The pid of the process.
 * @param callback Called once the signal was sent to all, with an error if something went wrong.
 */
function treeKill(pid: number, callback?: (error?: Error) => void): void
/**
 * @param pid The pid of the process.
 * @param signal A name or number. Default: `'SIGTERM'`.
 * @param callback Called once the signal was sent to all, with an error if something went wrong. Without one that error is
 * an uncaught exception.
 */
function treeKill(pid: number, signal?: string | number, callback?: (error?: Error) => void): void
function treeKill(pid: unknown, signal?: unknown, callback?: unknown): void {
  if (typeof signal === 'function' && callback === undefined) [signal, callback] = [undefined, signal]
  const tell = (callback || rethrow) as Callback
  let checked: number
  try {
    checked = pidOf(pid)
  } catch (error) {
    return tell(error as Error)
  }
  // Out of the promise, in which an error of the callback's would be a rejection that nobody handles.
  send(checked, signal).then(
    () => process.nextTick(tell),
    (error: Error) => process.nextTick(tell, error),
  )
}

/** The same for who writes `import * as`. */
declare namespace treeKill {}

export = treeKill

/** What is wrong with the signal is told later, as all that is not the pid. */
async function send(pid: number, signal: unknown): Promise<void> {
  // As `process.kill` has it: 0 is a signal, and whatever else is falsy is none.
  return signalTree(pid, signalNumber(signal === 0 ? signal : signal || 'SIGTERM'))
}

function pidOf(value: unknown): number {
  // Not by its text, which begins with a 1 for 1e21.
  const pid = typeof value === 'number' ? Math.trunc(value) : Number.parseInt(String(value))
  if (!Number.isFinite(pid)) throw new Error('pid must be a number')
  checkPid(pid)
  return pid
}

function rethrow(error?: Error): void {
  if (error !== undefined) throw error
}
