import { type AbortListener, type AbortSignalLike, checkAbortSignal, onAbort } from './abort.js'
import { checkDuration, checkOneOf, pick, pickOptions } from './arguments.js'
import type { ChildLike } from './child.js'
import { childExitStatusNow } from './child-exit-status.js'
import { drain } from './drain.js'
import { KillError } from './errors.js'
import { type ExitStatus, UNKNOWN_STATUS } from './exit-status.js'
import { heldOpen, startTimer } from './pending.js'
import { closeOpened, isAlive, type Opened } from './opened.js'
import { checkScope, type ScheduledTermination, scheduleTermination, startTermination } from './run-termination.js'
import { openExcept, openTarget, openToTerminate, type TargetLike } from './target-like.js'
import {
  type CheckedTerminateOptions,
  checkTerminateOptions,
  MEANT,
  TERMINATE_OPTIONS,
  type TerminateOptions,
} from './terminate-options.js'
import type { Termination } from './termination.js'
import { waitForExit } from './wait.js'

/** Options for `waitOrKill`. */
export interface WaitOrKillOptions extends TerminateOptions {
  /**
   * Milliseconds that the process may run before it is terminated. `Infinity` means no limit, `0` means now.
   *
   * @default Infinity
   */
  timeout?: number | undefined
  /** Terminates the process when it is aborted. */
  signal?: AbortSignalLike | undefined
  /**
   * What becomes of the other processes in scope if the process exits by itself: `'leave'` leaves them alone, `'terminate'`
   * terminates them by the other options, `'kill'` sends them SIGKILL at once.
   *
   * @default 'leave'
   */
  leftovers?: Leftovers | undefined
  /**
   * Milliseconds to read on after the end of the process, until Node's streams of its stdout and stderr have ended. Those
   * that have not by then, because another process holds them open, are destroyed. `Infinity` means no limit. By default
   * this neither waits for the streams nor destroys them. It has no effect on a target that is no child object, and none on
   * the streams of Bun's and Deno's own children.
   */
  drain?: number | undefined
}

/** What becomes of the processes that another one leaves behind. */
export type Leftovers = 'leave' | 'terminate' | 'kill'

const OPTIONS = [
  ...TERMINATE_OPTIONS,
  'timeout',
  'signal',
  'leftovers',
  'drain',
] as const satisfies readonly (keyof WaitOrKillOptions)[]
const LEFTOVERS = ['leave', 'terminate', 'kill'] as const satisfies readonly Leftovers[]

/** What `waitOrKill` resolves to. */
export interface WaitOrKillResult {
  /** The exit status of the process. If it could not be terminated, `known` is `false`. */
  readonly status: ExitStatus
  /** Whether the process was terminated because it ran longer than `timeout`. */
  readonly timedOut: boolean
  /** Whether the process was terminated because `signal` was aborted. */
  readonly aborted: boolean
  /**
   * What the termination has done. `null` if the process exited by itself and left no process, or left some with
   * `leftovers: 'leave'`.
   */
  readonly termination: Termination | null
}

/**
 * Waits until a process exits. Terminates it if it runs longer than `timeout`, or if `signal` is aborted.
 *
 * If the process exits by itself, the option `leftovers` decides what becomes of the processes that it leaves behind.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns The exit status, and what the termination has done. A timeout and an abort do not reject.
 * @throws {KillError} As `KillTarget.prototype.terminate`, `KillTarget.fromPid` and `KillTarget.fromChild`. A scope that would be
 * refused is refused at the call.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * const { status, timedOut } = await waitOrKill(child, { timeout: 60_000, signal })
 */
export async function waitOrKill(target: TargetLike, options: WaitOrKillOptions = {}): Promise<WaitOrKillResult> {
  const passed = pickOptions<WaitOrKillOptions, keyof WaitOrKillOptions>(options, OPTIONS, { meant: MEANT })
  const { timeout = Infinity, signal, leftovers = 'leave', drain: drainLimit } = passed
  checkDuration('options.timeout', timeout)
  if (signal !== undefined) checkAbortSignal('options.signal', signal)
  checkOneOf('options.leftovers', LEFTOVERS, leftovers)
  if (drainLimit !== undefined) checkDuration('options.drain', drainLimit)
  const checked = checkTerminateOptions(pick(passed, TERMINATE_OPTIONS))

  const found = leftovers === 'leave' ? openTarget(target) : openToTerminate(target)
  const opened = openExcept(found, checked.except)
  if (opened === null) {
    const child = target as ChildLike
    await drain(child, drainLimit)
    return exitedByItself(childExitStatusNow(child))
  }
  const mayTerminate = timeout !== Infinity || signal !== undefined || leftovers !== 'leave'
  const waiting = new AbortController()
  let killing: Promise<Termination> | undefined
  let deadline: ScheduledTermination | undefined
  let listening: AbortListener | undefined
  try {
    if (mayTerminate) checkScope(opened, checked)
    // A process that exited before the abort was not terminated for it.
    const relevant = signal?.aborted === true && !isAlive(opened) ? undefined : signal
    const ended = await new Promise<ExitStatus | 'timed out' | 'aborted'>((resolve, reject) => {
      // Synchronously, in the abort event: the code that aborts may exit this process right after.
      const abort = () => {
        if (deadline?.cancel() === false) return // it has timed out
        killing = startTermination(opened, checked)
        // It is awaited below, unless the wait has failed before. A rejection must not be unhandled.
        killing.catch(() => {})
        resolve('aborted')
      }
      listening = onAbort(relevant, abort)
      if (listening.isAborted) return abort()
      waitForExit(opened, { timeout: Infinity, signal: waiting.signal, ref: true }).then(resolve, reject)
      if (timeout === Infinity) return
      deadline = setDeadline(opened, checked, timeout)
      const onReport = () => resolve('timed out')
      deadline.report.then(onReport, onReport)
    })
    const aborted = killing !== undefined
    const timedOut = !aborted && deadline?.cancel() === false
    if (typeof ended === 'object' && !aborted && !timedOut) {
      // An abort from here on comes after the exit.
      listening?.stop()
      const left = await terminateLeftovers(opened, checked, leftovers)
      await drain(opened.child, drainLimit)
      return exitedByItself(ended, left)
    }
    const termination = await (killing ?? heldOpen(deadline!.report))
    await drain(opened.child, drainLimit)
    const status = typeof ended === 'object' ? ended : (termination.status ?? UNKNOWN_STATUS)
    return { status, timedOut, aborted, termination }
  } finally {
    listening?.stop()
    deadline?.cancel()
    waiting.abort()
    closeOpened(opened)
  }
}

/** Begins the termination when the time has passed. */
function setDeadline(target: Opened, checked: CheckedTerminateOptions, timeout: number): ScheduledTermination {
  try {
    return scheduleTermination(target, checked, timeout)
  } catch (error) {
    if (!(error instanceof KillError) || error.errno === undefined) throw error
  }
  // The core has no thread or no file descriptor to keep the time.
  let hasBegun = false
  let cancelTimer = () => {}
  const report = new Promise<Termination>((resolve) => {
    cancelTimer = startTimer(timeout, () => {
      if (hasExited(target)) return
      hasBegun = true
      resolve(startTermination(target, checked))
    })
  })
  const cancel = () => {
    cancelTimer()
    return !hasBegun
  }
  return { report, cancel }
}

/** Without a descriptor that cannot always be read. */
function hasExited(target: Opened): boolean {
  try {
    return !isAlive(target)
  } catch {
    return false
  }
}

/** Returns `null` if there were none. */
async function terminateLeftovers(
  target: Opened,
  checked: CheckedTerminateOptions,
  leftovers: Leftovers,
): Promise<Termination | null> {
  if (leftovers === 'leave') return null
  const atOnce = { ...checked, request: { ...checked.request, steps: [], kill: true } }
  const termination = await startTermination(target, leftovers === 'kill' ? atOnce : checked)
  return termination.outcome === 'gone' ? null : termination
}

function exitedByItself(status: ExitStatus, termination: Termination | null = null): WaitOrKillResult {
  return { status, timedOut: false, aborted: false, termination }
}
