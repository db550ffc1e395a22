import type { Report, Survivor as Found } from '../binding.js'
import { onAbort } from './abort.js'
import { killAtExit } from './exit-hook.js'
import { native } from './native.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { type Handle, unwrap } from './handle.js'
import type { Checked } from './terminate-options.js'
import { type ExitStatus, exitStatus } from './exit-status.js'
import { completionQueue, startOperation } from './pending.js'

/** A process in scope that lives on, and why. */
export interface Survivor extends ProcessInfo {
  /**
   * - `'not-permitted'`: it may not be signalled.
   * - `'unverified'`: it can't be told whether it is in scope, or is the process that it was, so that it was not signalled
   *   or is not known to be over.
   * - `'uninterruptible'`: it waits in the kernel for what no signal interrupts, SIGKILL neither. It ends when that is over.
   * - `'timeout'`: it was signalled, and the time is up.
   */
  readonly reason: 'not-permitted' | 'unverified' | 'uninterruptible' | 'timeout'
}

/** What has become of everyone in scope. */
export interface Termination {
  /**
   * - `'gone'`: all were over when asked.
   * - `'exited'`: all ended, and SIGKILL was not needed.
   * - `'killed'`: all ended, and SIGKILL was needed.
   * - `'survived'`: some live on.
   */
  readonly outcome: 'gone' | 'exited' | 'killed' | 'survived'
  /** How the target itself ended. `null`: it lives on. */
  readonly exit: ExitStatus | null
  /** How many processes were found alive and are over now. */
  readonly ended: number
  /** Those that live on. */
  readonly survivors: readonly Survivor[]
  /** Whether nothing was signalled by number, so that nothing can have reached another process. */
  readonly raceFree: boolean
  /**
   * What "everyone" rests on.
   *
   * - `'process'`: the target alone was meant.
   * - `'session'`: its tree was meant, and it leads its session. Who was given to another parent **and** has a session of its
   *   own may have escaped.
   * - `'group'`: its group was meant: who has left that is not in scope. Or its tree, and it leads a group only: who was given
   *   to another parent and has left the group may have escaped.
   * - `'descendants'`: its tree was meant, and it leads nothing. Who was given to another parent may have escaped.
   * - `'best-effort'`: facts were missing. There may be others.
   * - `'kernel'`: nobody can have escaped. No target is contained like that yet.
   */
  readonly proof: 'kernel' | 'session' | 'group' | 'descendants' | 'process' | 'best-effort'
  /** Milliseconds from the call to this. */
  readonly elapsed: number
}

/** Goes up the ladder. It has begun when this returns. Nothing is lost when the handle is closed meanwhile. */
export function startTermination(
  handle: Handle,
  pid: number,
  { request, forceSignal }: Checked,
  ref: boolean,
): Promise<Termination> {
  killAtExit()
  const ordered = { ...request, forced: forceSignal?.aborted === true }
  const begin = (queue: number, number: number) => native.terminate(queue, handle, number, ordered)
  const { id, result } = startOperation<Report>(pid, begin, native.fetchReport, ref)
  const stopListening = onAbort(forceSignal, () => native.force(completionQueue(), id))
  return result.then(termination).finally(stopListening)
}

/** The same, blocking. */
export function runTerminationSync(handle: Handle, pid: number, { request }: Checked): Termination {
  return termination(unwrap(native.terminateSync(handle, request), pid))
}

function termination(report: Report): Termination {
  const { outcome, exited, exitCode, exitSignal, ended, survivors, raceFree, proof, elapsed } = report
  return {
    outcome: outcome as Termination['outcome'],
    exit: exited ? exitStatus(exitCode ?? null, exitSignal ?? null) : null,
    ended,
    survivors: survivors.map(survivor),
    raceFree,
    proof: proof as Termination['proof'],
    elapsed,
  }
}

function survivor({ process, reason }: Found): Survivor {
  return { ...processInfo(process), reason: reason as Survivor['reason'] }
}
