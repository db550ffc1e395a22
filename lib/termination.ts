import type { Report, Survivor as Found } from '../binding.js'
import { type ExitStatus, exitStatus } from './exit-status.js'
import { type ProcessInfo, processInfo } from './process-info.js'

/** A process in scope that is still alive after a termination, and the reason. */
export interface Survivor extends ProcessInfo {
  /**
   * Why the process is still alive.
   *
   * - `'not-permitted'`: this process may not signal it.
   * - `'unverified'`: its membership or its identity cannot be verified. It was not signalled, or it is not known whether
   *   it has exited.
   * - `'uninterruptible'`: it waits in the kernel, where not even SIGKILL interrupts it. It exits when that wait is over.
   * - `'timeout'`: it was signalled, and it is still alive after all timeouts.
   */
  readonly reason: 'not-permitted' | 'unverified' | 'uninterruptible' | 'timeout'
}

/** What holds the processes of a contained launch together, as a proof: see `Termination`. */
export type Containment = 'reaper' | 'kernel' | 'session'

/**
 * What a termination has done to the processes in scope.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 */
export interface Termination {
  /**
   * The result for all processes in scope.
   *
   * - `'gone'`: all had exited before the call.
   * - `'exited'`: all have exited, and no SIGKILL was sent by this call or by one that is joined with it.
   * - `'killed'`: all have exited, and SIGKILL was sent by this call or by one that is joined with it.
   * - `'survived'`: some are still alive. See `survivors`.
   */
  readonly outcome: 'gone' | 'exited' | 'killed' | 'survived'
  /** The exit status of the target, or `null` if it is still alive. */
  readonly status: ExitStatus | null
  /** The number of processes that were found alive and have exited. */
  readonly ended: number
  /** The processes that are still alive. */
  readonly survivors: readonly Survivor[]
  /** Whether no signal can have reached another process: none was sent by pid alone. */
  readonly raceFree: boolean
  /**
   * What proves that all processes in scope were found.
   *
   * - `'kernel'`: the target was contained in a PID namespace or a job, which the kernel ends as one. Nothing can have escaped.
   * - `'reaper'`: the target was contained, and its guard has exited, which it does last. Only a program that has killed both
   *   processes of the guard at once may have escaped.
   * - `'process'`: the scope is the target only.
   * - `'session'`: the scope is a tree, and the target leads its session. An orphan that has left the session may have
   *   escaped.
   * - `'group'`: the scope is a group; a process that has left it is not in scope. Or the scope is a tree, and the target leads
   *   a group but no session: an orphan that has left the group may have escaped.
   * - `'descendants'`: the scope is a tree, and the target leads neither. An orphan may have escaped.
   * - `'best-effort'`: facts were missing. Any process may have escaped.
   */
  readonly proof: Containment | 'group' | 'descendants' | 'process' | 'best-effort'
  /** Milliseconds from the call to this report. */
  readonly elapsed: number
}

/** Converts the report of the core. */
export function termination(report: Report): Termination {
  const { outcome, exited, exitCode, exitSignal, ended, survivors, raceFree, proof, elapsed } = report
  return {
    outcome: outcome as Termination['outcome'],
    status: exited ? exitStatus(exitCode, exitSignal) : null,
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
