import { type AbortSignalLike, checkAbortSignal, onAbort } from './abort.js'
import { checkBoolean, checkDuration, checkOptions } from './arguments.js'
import { KillError } from './errors.js'
import { native } from './native.js'
import { type Handle, unwrap } from './handle.js'
import { after } from './timer.js'
import { type ExitStatus, exitStatus } from './exit-status.js'
import { cancelWait, type OperationId, refEventLoop, startWait, unrefEventLoop } from './pending.js'

export interface ExitedOptions {
  /**
   * Milliseconds after which the promise rejects with `ERR_TIMEOUT`. `Infinity` is no limit, `0` is now.
   *
   * @default Infinity
   */
  timeout?: number | undefined
  /** Once it is aborted the promise rejects with its `reason`. */
  signal?: AbortSignalLike | undefined
  /**
   * Whether the wait keeps the event loop going.
   *
   * @default true
   */
  ref?: boolean | undefined
}

/** Resolves when the process of the handle is over. A handle that is closed meanwhile changes nothing. */
export function exited(handle: Handle, pid: number, options?: unknown): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    const checked = options === undefined ? defaults : check(options)
    if (checked.signal?.aborted === true) throw checked.signal.reason
    if (checked.timeout === Infinity && checked.signal === undefined) wait(handle, pid, checked.ref, resolve)
    else waitWithin(handle, pid, checked, resolve, reject)
  })
}

/** There may be many thousands of these at once: nothing is made that is not needed. */
function wait(handle: Handle, pid: number, ref: boolean, resolve: (status: ExitStatus) => void): OperationId {
  const begun = startWait(handle, pid, (code, signal) => {
    if (ref) unrefEventLoop()
    resolve(exitStatus(code, signal))
  })
  if (ref) refEventLoop()
  return begun
}

function waitWithin(
  handle: Handle,
  pid: number,
  { timeout, signal, ref }: Checked,
  resolve: (status: ExitStatus) => void,
  reject: (reason: unknown) => void,
): void {
  // What is begun is undone, the last first, whether it comes to an end or fails on the way there.
  const undo: (() => void)[] = []
  const settle = (how: () => void) => {
    for (let each; (each = undo.pop()) !== undefined;) each()
    how()
  }
  try {
    const held = unwrap(native.share(handle), pid)
    undo.push(() => native.close(held))
    const waiting = wait(held, pid, false, (status) => settle(() => resolve(status)))
    undo.push(() => cancelWait(waiting))
    undo.push(onAbort(signal, () => settle(() => reject(signal!.reason))))
    const timeIsUp = () => {
      // What is over is told in time: the event loop was busy with something else.
      if (native.isAlive(held) !== false) settle(() => reject(timedOut(pid, timeout)))
    }
    undo.push(after(timeout, ref, timeIsUp))
    if (ref) {
      refEventLoop()
      undo.push(unrefEventLoop)
    }
  } catch (error) {
    settle(() => reject(error))
  }
}

interface Checked {
  readonly timeout: number
  readonly signal: AbortSignalLike | undefined
  readonly ref: boolean
}

const defaults: Checked = { timeout: Infinity, signal: undefined, ref: true }

function check(options: unknown): Checked {
  checkOptions(options)
  const { timeout = Infinity, signal, ref = true } = options as ExitedOptions
  checkDuration('options.timeout', timeout)
  if (signal !== undefined) checkAbortSignal('options.signal', signal)
  checkBoolean('options.ref', ref)
  return { timeout, signal, ref }
}

function timedOut(pid: number, timeout: number): KillError {
  return new KillError({ code: 'ERR_TIMEOUT', message: `Process ${pid} did not end within ${timeout} ms`, pid })
}
