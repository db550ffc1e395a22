/** How `killtarget` exits. `run` exits as its command does. */
export const EXIT = {
  /** All is over. */
  over: 0,
  /** Something lives on. */
  alive: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It is not permitted, or was refused to protect a process. */
  refused: 3,
  /** There was no such process. */
  gone: 4,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Returns the exit code for what was thrown. What the package refuses as an argument is wrong on the command line. */
export function exitCodeOfError(error: unknown): ExitCode {
  return error instanceof TypeError || error instanceof RangeError ? EXIT.usage : EXIT.refused
}

/** From the one that most needs a reaction to the one that least does. If some processes were gone, and others are over, all is over. */
const BY_WEIGHT = [EXIT.usage, EXIT.refused, EXIT.alive, EXIT.over, EXIT.gone]

/** Returns the exit code for several targets. */
export function exitCodeOf(codes: readonly ExitCode[]): ExitCode {
  return BY_WEIGHT.find((code) => codes.includes(code)) ?? EXIT.over
}
