import type { ProcessInfo as Found } from '../binding.js'

/** What was seen of a process at one moment. What could not be read is `null`. */
export interface ProcessInfo {
  readonly pid: number
  /** The pid of its parent. `0`: that is outside this PID namespace. */
  readonly ppid: number | null
  /** Its process group. `0`: that is of outside. */
  readonly pgid: number | null
  /** Its session. `0`: that is of outside. */
  readonly sid: number | null
  /** The short name that it goes by: at most 15 bytes on Linux. */
  readonly name: string | null
  /** What it is doing, as the letter of `ps(1)`: `R`, `S`, `D`, `T`, `t`, `Z`, `X`, `I`. */
  readonly state: string | null
  /** When it started: milliseconds since 1970, to a clock tick (10 ms, as a rule). */
  readonly startTime: number | null
}

export function processInfo({ pid, ppid, pgid, sid, name, state, startTime }: Found): ProcessInfo {
  return { pid, ppid, pgid, sid, name, state, startTime }
}
