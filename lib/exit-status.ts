import { signalName } from './signal.js'

/** How a process exited. */
export interface ExitStatus {
  /**
   * The exit code, or `null` if a signal terminated the process. 0 to 255; on Windows 0 to 4294967295, and 1 if another
   * process terminated it.
   */
  readonly code: number | null
  /** The name of the signal that terminated the process, such as `'SIGKILL'`, or `null` if it exited by itself. */
  readonly signal: string | null
  /** `false` if the process has exited but its exit status cannot be read. `code` and `signal` are then both `null`. */
  readonly known: boolean
}

export const UNKNOWN_STATUS: ExitStatus = Object.freeze({ code: null, signal: null, known: false })

/** Converts the exit code or signal number that the core reports. */
export function exitStatus(code: number | null, signal: number | null): ExitStatus {
  if (code === null && signal === null) return UNKNOWN_STATUS
  // A Windows exit code has 32 bits, and Node reports it as unsigned.
  return { code: code === null ? null : code >>> 0, signal: signal === null ? null : signalName(signal), known: true }
}
