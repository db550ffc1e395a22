import { type AbortSignalLike, abortReason, checkAbortSignal, onAbort } from './abort.js'
import { checkBoolean, checkDuration, pickOptions } from './arguments.js'
import { KillError } from './errors.js'
import { type ExitStatus, exitStatus } from './exit-status.js'
import { type Handle, unwrap } from './handle.js'
import { native } from './native.js'
import { cancelOperation, type OperationId, refEventLoop, startTimer, startWait, unrefEventLoop } from './pending.js'

/** Options for `KillTarget.exited`. */
export interface ExitedOptions {
  /**
   * Milliseconds after which the promise rejects with `ERR_TIMEOUT` if the process is still alive. `Infinity` means no
   * limit, `0` means now.
   *
   * @default Infinity
   */
  timeout?: number | undefined
  /** Cancels the wait: when it is aborted, the promise rejects with its `reason`. The process is left alone. */
  signal?: AbortSignalLike | undefined
  /**
   * Whether the pending wait keeps the event loop, and so this process, alive.
   *
   * @default true
   */
  ref?: boolean | undefined
}

/** Resolves when the handle's process has exited. The handle may be closed after the call. */
export function exited(handle: Handle, pid: number, options?: unknown): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    const checked = options === undefined ? DEFAULTS : checkExitedOptions(options)
    if (checked.signal?.aborted === true) throw abortReason(checked.signal)
    if (checked.timeout === Infinity && checked.signal === undefined) wait(handle, pid, checked.ref, resolve)
    else waitWithin(handle, pid, checked, resolve, reject)
  })
}

/** The path without a limit. A program may wait for thousands of processes at once, so it allocates little. */
function wait(handle: Handle, pid: number, ref: boolean, resolve: (status: ExitStatus) => void): OperationId {
  const id = startWait(handle, pid, (code, signal) => {
    if (ref) unrefEventLoop()
    resolve(exitStatus(code, signal))
  })
  if (ref) refEventLoop()
  return id
}

function waitWithin(
  handle: Handle,
  pid: number,
  { timeout, signal, ref }: CheckedOptions,
  resolve: (status: ExitStatus) => void,
  reject: (reason: unknown) => void,
): void {
  // Undone in reverse order, on completion and on failure alike.
  const undo: (() => void)[] = []
  const settle = (how: () => void) => {
    for (let each; (each = undo.pop()) !== undefined;) each()
    how()
  }
  try {
    const shared = unwrap(native.share(handle), pid)
    undo.push(() => native.close(shared))
    const id = wait(shared, pid, false, (status) => settle(() => resolve(status)))
    undo.push(() => cancelOperation(id))
    const listening = onAbort(signal, () => settle(() => reject(abortReason(signal!))))
    undo.push(listening.stop)
    if (listening.isAborted) throw abortReason(signal!)
    const onTimeout = () => {
      // The process may have exited in time while the event loop was busy. Its completion is then about to arrive.
      if (native.isAlive(shared) !== false) settle(() => reject(timeoutError(pid, timeout)))
    }
    undo.push(startTimer(timeout, onTimeout))
    if (ref) {
      refEventLoop()
      undo.push(unrefEventLoop)
    }
  } catch (error) {
    settle(() => reject(error))
  }
}

interface CheckedOptions {
  readonly timeout: number
  readonly signal: AbortSignalLike | undefined
  readonly ref: boolean
}

const DEFAULTS: CheckedOptions = { timeout: Infinity, signal: undefined, ref: true }

const NAMES = ['timeout', 'signal', 'ref'] as const

function checkExitedOptions(options: unknown): CheckedOptions {
  const { timeout = Infinity, signal, ref = true } = pickOptions<ExitedOptions, keyof ExitedOptions>(options, NAMES)
  checkDuration('options.timeout', timeout)
  if (signal !== undefined) checkAbortSignal('options.signal', signal)
  checkBoolean('options.ref', ref)
  return { timeout, signal, ref }
}

function timeoutError(pid: number, timeout: number): KillError {
  const message = `Process ${pid} did not exit within ${timeout} ms. To terminate it after a timeout, call waitOrKill().`
  return new KillError({ code: 'ERR_TIMEOUT', message, pid })
}
