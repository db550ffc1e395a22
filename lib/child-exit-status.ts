import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { pick } from './arguments.js'
import { type ChildLike, hasExited, isSignalCodeOfKill } from './child.js'
import { shared } from './shared.js'
import { isRealTime } from './signal.js'
import { exitedBySignal, exitedWith, type ExitStatus, UNKNOWN_STATUS } from './exit-status.js'

/** The child objects of the runtimes: what reports the exit, besides `exitCode` and `signalCode`. */
interface RuntimeChild extends ChildLike {
  /** Node's `ChildProcess`, and objects that extend it. */
  once?: (event: 'exit', listener: () => void) => unknown
  /** Bun. */
  readonly exited?: PromiseLike<unknown>
  /** Deno. */
  readonly status?: PromiseLike<{ code: number; signal: string | null } | undefined>
  /** zx: the `ChildProcess` that it wraps. */
  readonly child?: RuntimeChild
}

/** Milliseconds. The runtime has reaped the child already, and reports that in this turn of its event loop or the next. */
const EXIT_EVENT_TIMEOUT = 1000

/** Children that this package sent a real-time signal: Node reports a death by one as an exit with code 0. */
const sentRealTimeSignal = shared('real-time', () => new WeakSet<ChildLike>())

/** Records a signal that is sent to a child, or to its process group. */
export function recordSentSignal(child: ChildLike | undefined, signal: number): void {
  if (child !== undefined && isRealTime(signal)) sentRealTimeSignal.add(child)
}

/**
 * Resolves to the exit status that the runtime reports for its child.
 *
 * This is for a child that the runtime reaped before the core could read its status. Before Linux 6.15 the kernel keeps
 * nothing of such a process.
 */
export async function childExitStatus(child: RuntimeChild): Promise<ExitStatus> {
  const reporter = reporterOf(child)
  return withoutFalseZero(child, currentStatus(reporter) ?? (await reportedStatus(reporter)))
}

/** Returns the exit status that the child object has now. It is unknown if the object has none yet. */
export function childExitStatusNow(child: RuntimeChild): ExitStatus {
  return withoutFalseZero(child, currentStatus(reporterOf(child)))
}

function reporterOf(object: RuntimeChild): RuntimeChild {
  const { child } = pick(object, ['child'])
  return typeof child === 'object' && child !== null ? child : object
}

/** Code 0 after a real-time signal may be a death by that signal. */
function withoutFalseZero(child: ChildLike, status: ExitStatus = UNKNOWN_STATUS): ExitStatus {
  return status.code === 0 && sentRealTimeSignal.has(child) ? UNKNOWN_STATUS : status
}

function currentStatus(child: ChildLike): ExitStatus | undefined {
  const { exitCode, signalCode } = pick(child, ['exitCode', 'signalCode'])
  if (typeof signalCode === 'string' && isSignalCodeOfKill(child)) return hasExited(child) ? UNKNOWN_STATUS : undefined
  return reported(exitCode, signalCode)
}

/** Converts what a child object reports. Returns `undefined` if that is no exit. */
function reported(code: unknown, signal: unknown): ExitStatus | undefined {
  if (typeof signal === 'string') return exitedBySignal(signal)
  if (typeof code !== 'number') return undefined
  // Node puts the negative number of an error there, for a child that was not started.
  return code < 0 ? UNKNOWN_STATUS : exitedWith(code)
}

/** The pending reports. All waits of a child share one listener: Node warns from the eleventh on. */
const reports = shared('reports', () => new WeakMap<RuntimeChild, Promise<ExitStatus | undefined>>())

function reportedStatus(child: RuntimeChild): Promise<ExitStatus | undefined> {
  const pending = reports.get(child)
  if (pending !== undefined) return pending
  const report = nextReport(child)
  reports.set(child, report)
  return report.finally(() => reports.delete(child))
}

function nextReport(child: RuntimeChild): Promise<ExitStatus | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => setImmediate(() => resolve(currentStatus(child))), EXIT_EVENT_TIMEOUT)
    const report = (status = currentStatus(child)) => {
      clearTimeout(timer)
      resolve(status)
    }
    // A rejection says nothing about the exit. The promise's owner handles it.
    const ignoreError = () => report()
    const { once, exited, status } = pick(child, ['once', 'exited', 'status'])
    if (typeof once === 'function') once.call(child, 'exit', () => report())
    else if (typeof exited?.then === 'function') exited.then(() => report(), ignoreError)
    else if (typeof status?.then === 'function')
      status.then((found) => report(reported(found?.code, found?.signal)), ignoreError)
    else report()
  })
}
