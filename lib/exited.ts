import { abortReason, type AbortSignalLike, checkAbortSignal } from './abort.js'
import { checkBoolean, checkDuration, pickOptions } from './arguments.js'
import type { ChildLike } from './child.js'
import { childExitStatusNow } from './child-exit-status.js'
import type { ExitStatus } from './exit-status.js'
import { closeOpened } from './opened.js'
import { openTarget, type TargetLike } from './target-like.js'
import { type CheckedWait, waitForExit } from './wait.js'

/** Options for `exited`. */
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

/**
 * Resolves when a process has exited, with its exit status. This is `KillTarget.exited` for any value that names a process.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @throws {KillError} `ERR_TIMEOUT`: the process is still alive after `timeout`. `ERR_TARGET_CLOSED`.
 * @throws {KillError} `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see `KillTarget.fromPid`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit.md}
 * @example
 * const { code, signal } = await exited(child, { timeout: 5000 })
 */
export async function exited(target: TargetLike, options?: ExitedOptions): Promise<ExitStatus> {
  const checked = checkExitedOptions(options)
  const opened = openTarget(target)
  if (opened === null) {
    if (checked?.signal?.aborted === true) throw abortReason(checked.signal)
    return childExitStatusNow(target as ChildLike)
  }
  try {
    return waitForExit(opened, checked)
  } finally {
    closeOpened(opened)
  }
}

const NAMES = ['timeout', 'signal', 'ref'] as const

export function checkExitedOptions(options: unknown): CheckedWait | undefined {
  if (options === undefined) return undefined
  const { timeout = Infinity, signal, ref = true } = pickOptions<ExitedOptions, keyof ExitedOptions>(options, NAMES)
  checkDuration('options.timeout', timeout)
  if (signal !== undefined) checkAbortSignal('options.signal', signal)
  checkBoolean('options.ref', ref)
  return { timeout, signal, ref }
}
