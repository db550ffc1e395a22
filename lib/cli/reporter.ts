import { capabilities } from '../../index.js'
import { printable } from '../printable.js'
import { EXIT, type ExitCode, exitCodeOfError } from './exit-code.js'

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

/** What a line of the output is about. */
export interface Subject {
  /** The argument: a pid, a token or a port. */
  readonly text: string
  readonly pid: number | null
  readonly name: string | null
}

/** An argument that names no process that is known. */
export function unnamed(text: string): Subject {
  return { text, pid: null, name: null }
}

/** Returns what stands for a process in the output: `4711 vite`. */
export function labelOf({ text, pid, name }: Subject): string {
  return pid === null ? printable(text) : printable(name === null ? `${pid}` : `${pid} ${name}`)
}

/** Prints what has come of a process, as a line of JSON. */
export function printJson({ text, pid, name }: Subject, result: object): void {
  console.log(JSON.stringify({ target: text, pid, name, ...result }))
}

/**
 * Tells that an argument names no process.
 *
 * @param result What the command prints as JSON for a process that is gone.
 */
export function reportNone(text: string, reporter: Reporter, result: object): ExitCode {
  if (reporter.isJson) printJson(unnamed(text), result)
  else if (!reporter.isQuiet) console.log(`${text}: nothing listens`)
  return EXIT.gone
}

/** Returns what an operator can do about an error, or what is behind it. */
function hintFor(code: string, { text }: Subject): string {
  if (code === 'EPERM' && text.startsWith(':')) {
    return '. It is a process of another user, or one that hides its descriptors: ask as root.'
  }
  if (code !== 'ENOSYS') return ''
  const { proc, reason } = capabilities()
  // It begins with the capabilities that are missing.
  return !proc && typeof reason === 'string' ? `: ${reason.replace(/^[\w, ]+: /, '')}` : ''
}

/** Tells what a call for a target has thrown. Returns the exit code for it. */
export function reportError(subject: Subject, error: unknown, { command, isJson }: Reporter): ExitCode {
  const exitCode = exitCodeOfError(error)
  const { code = 'ERR_INTERNAL', message: whole, pid } = error as { code?: string; message: string; pid?: number }
  // What is thrown for a port has the pid of this process.
  const known = pid === undefined || pid === process.pid ? null : pid
  // That is for callers of the functions.
  const own = whole.replace(/ (?:Where a function has `allowSelf`|Pass `\w+: true`).*$/, '')
  const message = own + hintFor(code, subject)
  if (isJson) printJson({ ...subject, pid: subject.pid ?? known }, { error: { code, message } })
  else console.error(`${command}: ${labelOf(subject)}: ${message}`)
  return exitCode
}
