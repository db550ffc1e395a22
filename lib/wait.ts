import { type AbortSignalLike, abortReason, onAbort } from './abort.js'
import { childExitStatus } from './child-exit-status.js'
import { KillError } from './errors.js'
import { type ExitStatus, exitStatus } from './exit-status.js'
import { type Handle, unwrap } from './handle.js'
import { native } from './native.js'
import type { Opened } from './opened.js'
import { cancelOperation, type OperationId, refEventLoop, startTimer, startWait, unrefEventLoop } from './pending.js'

/** How to wait. None may be left out: other code may have put a member of its name into `Object.prototype`. */
export interface CheckedWait {
  readonly timeout: number
  readonly signal: AbortSignalLike | undefined
  readonly ref: boolean
}

const DEFAULTS: CheckedWait = { timeout: Infinity, signal: undefined, ref: true }

/** Resolves when the process has exited. It may be closed after the call. */
export function waitForExit({ pid, handle, child }: Opened, checked: CheckedWait = DEFAULTS): Promise<ExitStatus> {
  const status = new Promise<ExitStatus>((resolve, reject) => {
    if (checked.signal?.aborted === true) throw abortReason(checked.signal)
    if (checked.timeout === Infinity && checked.signal === undefined) wait(handle, pid, checked.ref, resolve)
    else waitWithin(handle, pid, checked, resolve, reject)
  })
  return child === undefined ? status : status.then((read) => (read.known ? read : childExitStatus(child)))
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
  { timeout, signal, ref }: CheckedWait,
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

function timeoutError(pid: number, timeout: number): KillError {
  const message = `Process ${pid} did not exit within ${timeout} ms. To terminate it after a timeout, call waitOrKill().`
  return new KillError({ code: 'ERR_TIMEOUT', message, pid })
}
