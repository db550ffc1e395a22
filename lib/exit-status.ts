import { numberOf, signalName } from './signal.js'

/** How a process exited. */
export interface ExitStatus {
  /**
   * The exit code, or `null` if a signal terminated the process. 0 to 255; on Windows 0 to 4294967295, and 1 if another
   * process terminated it.
   */
  readonly code: number | null
  /** The name of the signal that terminated the process, such as `'SIGKILL'`, or `null` if it exited by itself. */
  readonly signal: string | null
  /** The number of that signal on this system, such as 9, or `null` if it exited by itself or this system has no such signal. */
  readonly signalNumber: number | null
  /** The exit code as a shell reports it in `$?`: `code`, or 128 plus `signalNumber`. `null` if neither is known. */
  readonly shellCode: number | null
  /** `false` if the process has exited but its exit status cannot be read. The other members are then all `null`. */
  readonly known: boolean
}

/** What a shell adds to the number of a signal. */
const SHELL_SIGNAL = 128

export const UNKNOWN_STATUS: ExitStatus = Object.freeze({
  code: null,
  signal: null,
  signalNumber: null,
  shellCode: null,
  known: false,
})

export function exitedWith(code: number): ExitStatus {
  return { code, signal: null, signalNumber: null, shellCode: code, known: true }
}

/** @param signal A name that a runtime has given. This system need not have the signal. */
export function exitedBySignal(signal: string, signalNumber = numberOf(signal)): ExitStatus {
  const shellCode = signalNumber === null ? null : SHELL_SIGNAL + signalNumber
  return { code: null, signal, signalNumber, shellCode, known: true }
}

/** Converts the exit code or signal number that the core reports. */
export function exitStatus(code: number | null, signal: number | null): ExitStatus {
  if (signal !== null) return exitedBySignal(signalName(signal), signal)
  // A Windows exit code has 32 bits, and Node reports it as unsigned.
  return code === null ? UNKNOWN_STATUS : exitedWith(code >>> 0)
}
