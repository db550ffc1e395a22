import { type AbortSignalLike, checkAbortSignal, onAbort } from './abort.js'
import { checkDuration, checkOptions } from './arguments.js'
import type { ChildLike } from './child.js'
import { KillError } from './errors.js'
import { openTarget, type TargetLike } from './target-like.js'
import { childExitStatusNow } from './child-exit-status.js'
import { type KillTarget, terminateTarget } from './target.js'
import type { Termination } from './termination.js'
import { checkTerminateOptions, type TerminateOptions } from './terminate-options.js'
import { type ExitStatus, UNKNOWN_STATUS } from './exit-status.js'

export interface WaitOrKillOptions extends Omit<TerminateOptions, 'timeout'> {
  /**
   * Milliseconds that the process may run. `Infinity` is no limit.
   *
   * @default Infinity
   */
  timeout?: number | undefined
  /** Once it is aborted the process is terminated. */
  signal?: AbortSignalLike | undefined
  /**
   * Milliseconds to wait after SIGKILL before those who live on are reported as survivors: `timeout` of `terminate`.
   *
   * @default 5000
   */
  killTimeout?: number | undefined
}

export interface WaitOrKillResult {
  /** How the process ended. Where it could not be ended, `known` is `false`. */
  readonly status: ExitStatus
  /** Whether it ran for longer than `timeout`, and was terminated for that. */
  readonly timedOut: boolean
  /** Whether `signal` was aborted while it ran, and it was terminated for that. */
  readonly aborted: boolean
  /** What has become of the processes. `null`: it ended by itself. */
  readonly termination: Termination | null
}

/**
 * Waits for the end of a process, and terminates it where that takes too long, or where a signal is aborted.
 *
 * @param target A target (which stays open), a pid, or the object of a child.
 * @example
 * const { status, timedOut } = await waitOrKill(child, { timeout: 60_000, signal })
 */
export async function waitOrKill(target: TargetLike, options: WaitOrKillOptions = {}): Promise<WaitOrKillResult> {
  checkOptions(options)
  const { timeout = Infinity, signal, killTimeout, ...others } = options
  checkDuration('options.timeout', timeout)
  if (signal !== undefined) checkAbortSignal('options.signal', signal)
  if (killTimeout !== undefined) checkDuration('options.killTimeout', killTimeout)
  const checked = checkTerminateOptions({ ...others, timeout: killTimeout })

  const opened = openTarget(target)
  if (opened === null) return byItself(childExitStatusNow(target as ChildLike))
  let killing: Promise<Termination> | undefined
  const kill = () => (killing ??= terminateTarget(opened, checked, true))
  let stopListening = () => {}
  try {
    // Who was over before was not terminated for an abort.
    const relevant = signal?.aborted === true && !opened.isAlive() ? undefined : signal
    // In the very turn of the abort, and so before what waits is told: whoever aborts may end this process next.
    stopListening = onAbort(relevant, () => void kill())
    const ended = await wait(opened, timeout, relevant)
    if (typeof ended === 'object' && killing === undefined) return byItself(ended)
    const termination = await kill()
    const status = typeof ended === 'object' ? ended : (termination.exit ?? UNKNOWN_STATUS)
    return { status, timedOut: ended === 'timed out', aborted: ended !== 'timed out', termination }
  } finally {
    stopListening()
    opened.close()
  }
}

async function wait(
  target: KillTarget,
  timeout: number,
  signal: AbortSignalLike | undefined,
): Promise<ExitStatus | 'timed out' | 'aborted'> {
  try {
    return await target.exited({ timeout, signal })
  } catch (error) {
    if (signal?.aborted === true && Object.is(error, signal.reason)) return 'aborted'
    if (error instanceof KillError && error.code === 'ERR_TIMEOUT') return 'timed out'
    throw error
  }
}

function byItself(status: ExitStatus): WaitOrKillResult {
  return { status, timedOut: false, aborted: false, termination: null }
}
