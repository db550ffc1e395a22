import { KillError } from '../../index.js'
import { CommandError } from './command-error.js'
import { EXIT, type ExitCode } from './exit-code.js'
import { printable } from './output.js'

/** What the output of a command is. */
export interface Reporter {
  /** The beginning of a message: `killtarget wait`. */
  readonly command: string
  readonly isJson: boolean
  readonly isQuiet: boolean
}

/** Tells what a call for a target has thrown. Returns the exit code for it. */
export function reportError(target: string, error: unknown, { command, isJson }: Reporter): ExitCode {
  const exitCode = exitCodeOf(error)
  const { code = 'ERR_INTERNAL', message: whole } = error as { code?: string; message: string }
  // That is for callers of the functions.
  const message = whole.replace(/ (?:To include that process, p|P)ass `\w+: true` to .*$/, '')
  if (isJson) console.log(JSON.stringify({ target, error: { code, message } }))
  else console.error(`${command}: ${printable(target)}: ${message}`)
  return exitCode
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof KillError) return EXIT.refused
  // What the package refuses as an argument is wrong on the command line.
  const { code } = error as { code?: string }
  if (error instanceof CommandError || code?.startsWith('ERR_') === true) return EXIT.usage
  throw error
}
