import type { ProcessInfo as Found } from '../binding.js'

/** Facts about a process at one moment. A fact that could not be read is `null`. */
export interface ProcessInfo {
  /** The pid of the process. */
  readonly pid: number
  /** The pid of its parent. `0`: the parent is outside this PID namespace. */
  readonly ppid: number | null
  /** The id of its process group. `0`: the group's leader is outside this PID namespace. */
  readonly pgid: number | null
  /** The id of its session. `0`: the session's leader is outside this PID namespace. */
  readonly sid: number | null
  /** Its short name. On Linux at most 15 bytes. */
  readonly name: string | null
  /**
   * Its command line: the program, then its arguments. Some programs put a title in its place. At most 64 KiB. `null` for a
   * zombie, for a process in an uninterruptible wait, and on macOS for another user's process. Empty arguments at its end are left
   * out on Linux.
   */
  readonly command: string[] | null
  /** The id of its effective user. `null` on Windows. */
  readonly user: number | null
  /**
   * Its state, as the letter that `ps(1)` shows: `R` running, `S` sleeping, `D` uninterruptible, `T` stopped, `t` traced,
   * `Z` zombie, `X` dead, `I` idle. macOS reports `R`, `T` and `Z` only, Windows none.
   */
  readonly state: string | null
  /** When it started, in milliseconds since 1970. On Linux this is exact to a clock tick, which is usually 10 ms. */
  readonly startTime: number | null
  /** Its token, as `token()` returns it. `null`, too, right after the start, on systems that tell processes by their start time. */
  readonly token: string | null
}

export function processInfo(found: Found): ProcessInfo {
  const { pid, ppid, pgid, sid, name, command, user, state, startTime, token } = found
  return { pid, ppid, pgid, sid, name, command: command?.split('\0') ?? null, user, state, startTime, token }
}
