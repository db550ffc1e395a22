/** @ts-ignore -- Without the types of Node, these are `any` to a user. */
import type { SpawnOptions } from 'node:child_process'
import { invalidValue, mapElements, pick, read, wrongType } from './arguments.js'
import { CONTAIN_OPTIONS, type ContainOptions, guardArguments } from './contain-options.js'
import { type CommandLine, escapedForCmd, quotedForSh, quotedForWindows, shellCommand } from './command-line.js'
import { guardProgram } from './guard-program.js'
import { ownHostToken } from './host-token.js'

/** What to start in place of a program, so that it is contained. */
export interface Contained<O extends object = SpawnOptions> {
  /** The path of the guard. */
  readonly file: string
  /** The arguments of the guard: how to treat what is started, then the program and its arguments. */
  readonly args: string[]
  /** The options that are left for the function that starts it. */
  readonly options: Omit<O, Exclude<keyof ContainOptions, 'killSignal'> | 'shell' | 'argv0'>
  /** Returns one command line for `sh`, and for `cmd.exe` on Windows. */
  toString(): string
}

/** A program to start: what `spawn` and `contained` take. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly options: SpawnOptions & ContainOptions
}

/**
 * Returns how to start a program contained by any function that starts programs: `child_process`, execa, `Bun.spawn`,
 * `Deno.Command`, node-pty, a client of MCP. Nothing that the program starts escapes, and nothing outlives this process.
 *
 * The result is for this process: its exit ends what was started with it.
 *
 * @param file The program, as for Node's `spawn`.
 * @param args Its arguments.
 * @param options Those of `ContainOptions`, and those of the function that starts it. `shell` and `argv0` are as for Node's
 * `spawn`.
 * @throws {KillError} `ERR_GUARD_NOT_FOUND`: there is no guard for this platform, or it is not beside the binary.
 * @throws {KillError} `ENOSYS`: another system has this isolation or these leftovers.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_UNKNOWN_SIGNAL`: an
 * argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * const { file, args, options } = contained('npm', ['run', 'dev'], { cwd: 'app' })
 * const subprocess = execa(file, args, options)
 */
export function contained<O extends object = Omit<SpawnOptions, 'killSignal'>>(
  file: string,
  args?: readonly string[],
  options?: O & ContainOptions,
): Contained<O>
/**
 * Returns how to start a program without arguments contained.
 *
 * @throws As with arguments.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * const { file, args, options } = contained('server', { cwd: 'app' })
 */
export function contained<O extends object>(file: string, options: O & ContainOptions): Contained<O>
export function contained(...program: unknown[]): Contained {
  const { file, args, options } = checkProgram(program)
  return contain(commandOf(file, args, options), options)
}

/** Checks the arguments of `spawn` and `contained`. */
export function checkProgram([file, second, third]: readonly unknown[]): Program {
  const [args, options] = isOptions(second) ? [undefined, second] : [second, third]
  if (typeof file !== 'string') throw wrongType('file', 'a string', file)
  if (file === '') throw invalidValue('`file` must not be empty.')
  if (file.includes('\0')) throw invalidValue('`file` must be a path or name without null bytes.')
  const checked = args === undefined || args === null ? [] : mapElements(args, checkArgument)
  if (checked === null) throw wrongType('args', 'an array of strings', args)
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw wrongType('options', 'an object', options)
  }
  return { file, args: checked, options: bare(options) }
}

/** Copies options. Other code may have put members into `Object.prototype`, which are none of them. */
export function bare<T extends object>(options: T | undefined): T {
  return read('members', () => Object.assign(Object.create(null) as T, options))
}

function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !read('elements', () => Array.isArray(value))
}

function checkArgument(argument: unknown, index: number): string {
  return checkedText(`args[${index}]`, argument)
}

/** Returns the command that runs a program, by a shell if that is asked for, as Node's `spawn` does. */
export function commandOf(file: string, args: readonly string[], options: Program['options']): CommandLine {
  const { shell, windowsVerbatimArguments } = options
  if (shell !== undefined && shell !== null && shell !== false && (shell as unknown) !== '') {
    return shellCommand([file, ...args].join(' '), shell === true ? true : checkedText('options.shell', shell))
  }
  return { words: [file, ...args], isVerbatim: process.platform === 'win32' && windowsVerbatimArguments === true }
}

/** Returns what to start in place of a command. */
export function contain({ words, isVerbatim }: CommandLine, options: Program['options']): Contained {
  const { argv0 } = options
  const guard = guardArguments(pick(options, [...CONTAIN_OPTIONS, 'killSignal']))
  guard.push(`--parent=${ownHostToken()}`)
  // `null` is no value to Node.
  if (argv0 !== undefined && argv0 !== null) guard.push(`--argv0=${checkedText('options.argv0', argv0)}`)
  const [program, ...args] = words as [string, ...string[]]
  const rest = Object.entries(options).filter(([name]) => !REMOVED.has(name))
  return {
    file: guardProgram(),
    args: isVerbatim ? [...[...guard, '--', program].map(quotedForWindows), ...args] : [...guard, '--', ...words],
    options: { ...Object.fromEntries(rest), ...(isVerbatim && VERBATIM) },
    toString() {
      if (process.platform !== 'win32') return [this.file, ...this.args].map(quotedForSh).join(' ')
      const quoted = isVerbatim ? this.args : this.args.map(quotedForWindows)
      return [`"${this.file}"`, ...quoted.map(escapedForCmd)].join(' ')
    },
  }
}

const REMOVED: ReadonlySet<string> = new Set([...CONTAIN_OPTIONS, 'argv0', 'shell'])

/** For arguments that are quoted already. Nothing would quote the name of the guard: its path may have spaces. */
const VERBATIM: SpawnOptions = { windowsVerbatimArguments: true, argv0: 'killtarget-guard' }

function checkedText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value)
  if (value.includes('\0')) throw invalidValue(`\`${name}\` must be a string without null bytes.`)
  return value
}
