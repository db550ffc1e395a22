import { printable } from '../printable.js'
import { type ExitCode, exitCodeOfError } from './exit-code.js'

/** What the output of a command is. */
export interface Reporter {
  /** The beginning of a message: `killtarget wait`. */
  readonly command: string
  readonly isJson: boolean
  readonly isQuiet: boolean
}

/** The options of commands that report on processes. */
export const REPORT_OPTIONS = { quiet: { type: 'boolean', short: 'q' }, json: { type: 'boolean' } } as const

/** Returns the reporter of a command, as its options have it. */
export function reporterOf(command: string, values: { quiet?: boolean; json?: boolean }): Reporter {
  return { command, isJson: values.json === true, isQuiet: values.quiet === true }
}

/** Tells what a call for a target has thrown. Returns the exit code for it. */
export function reportError(target: string, error: unknown, { command, isJson }: Reporter): ExitCode {
  const exitCode = exitCodeOfError(error)
  const { code = 'ERR_INTERNAL', message: whole } = error as { code?: string; message: string }
  // That is for callers of the functions.
  const message = whole.replace(/ (?:To include that process, p|P)ass `\w+: true` to .*$/, '')
  if (isJson) console.log(JSON.stringify({ target, error: { code, message } }))
  else console.error(`${command}: ${printable(target)}: ${message}`)
  return exitCode
}
