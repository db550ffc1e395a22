import { guardProgram } from '../guard-program.js'
import { isSimilar } from '../similar-names.js'
import { becomeGuard } from './become.js'
import { CommandError } from './command-error.js'
import { duration } from './duration.js'
import { hostOptions } from './hosts.js'
import { RUN_OPTIONS } from './run-options.js'
import { signalOf } from './signal.js'
import { usage } from './usage.js'

const HELP = `Usage: killtarget run [option...] [--] command [argument...]

Runs a command. All that it starts ends with it, and with the process that asked for it.

Options:
  --leftovers=terminate|kill|keep|leave   what happens to processes that still run when the command has exited (terminate)
  --orphaned=terminate|kill|leave         what happens to all when the process that asked for it has exited (terminate)
  --kill-signal=SIGNAL                    the polite signal of terminate (SIGTERM)
  --grace=TIME                            from the polite signal to SIGKILL: 5s, 500ms or 0 (5s)
  -t, --timeout=TIME                      how long the command may run. Then all of its processes are ended (no limit)
  --until-stdin-ends                      the other end of standard input counts as the process that asked for it
  --isolation=ISOLATION                   what keeps the processes together: reaper (the default) or pid-namespace on Linux,
                                          job on Windows, session on macOS
  --session                               the command leads a session of its own, without a terminal
  --parent=PID[:START]                    the process that asked for it; up to 4 times

Exit code: that of the command, also after a timeout: 143 if SIGTERM has ended it, or what it exits with at SIGTERM.
125: it was not started. 126, 127: it cannot be executed, it was not found.`

const MAX_PARENTS = 4

/** The exit code if the command was not started, as of env(1) and timeout(1). */
const NOT_STARTED = 125

/**
 * `killtarget run`: becomes the guard of the command. Nothing of this process stays but its pid, except on Windows.
 *
 * @param descriptors Those that the command inherits.
 */
export function run(args: readonly string[], descriptors: readonly number[]): void {
  const { options, rest } = split(args)
  if (options.includes('--help') || options.includes('-h')) return console.log(HELP)
  const checked = options.map(checkOption)
  if (checked.filter(isParent).length > MAX_PARENTS) {
    throw new CommandError(`Expected --parent at most ${MAX_PARENTS} times.`, NOT_STARTED)
  }
  if (rest.length === 0 || (rest[0] === '--' && rest.length === 1)) {
    throw new CommandError('Expected a command to run. See `killtarget run --help`.', NOT_STARTED)
  }
  const hosts = needsHosts(checked) ? hostOptions() : []
  becomeGuard([guardProgram(), ...checked], hosts, rest, descriptors)
}

/** The first argument that is no option is the command. Each option gets its value by `=`, also one that has it after a space. */
function split(args: readonly string[]): { options: string[]; rest: string[] } {
  const options: string[] = []
  let at = 0
  for (; at < args.length && args[at] !== '--' && args[at]!.startsWith('-'); at++) {
    const given = args[at]!
    const option = given === '-t' ? '--timeout' : given.replace(/^-t/, '--timeout=')
    const needsValue = (RUN_OPTIONS[option] ?? false) !== false
    options.push(needsValue ? `${option}=${args[++at] ?? ''}` : option)
  }
  return { options, rest: args.slice(at) }
}

/** Checks an option. Returns it as the guard reads it. */
function checkOption(option: string): string {
  const name = option.split('=', 1)[0]!
  const values = RUN_OPTIONS[name]
  if (values === undefined) {
    const meant = Object.keys(RUN_OPTIONS).find((known) => isSimilar(name, known))
    const hint = meant === undefined ? 'See `killtarget run --help`.' : `Did you mean ${meant}?`
    throw new CommandError(`No such option: ${name}. ${hint}`, NOT_STARTED)
  }
  if (values === false && option.includes('=')) {
    throw new CommandError(`Expected ${name} without a value.`, NOT_STARTED)
  }
  return values === false ? option : `${name}=${checkedValue(name, option.slice(name.length + 1), values)}`
}

function checkedValue(name: string, value: string, values: true | readonly string[]): string | number {
  try {
    if (name === '--timeout' || name === '--grace') return inMilliseconds(name, value)
    if (name === '--kill-signal') return signalOf('kill-signal', value)
    if (name === '--parent' && !/^[1-9]\d*(?::\d+)?$/.test(value)) {
      throw usage(
        `Expected --parent to be a pid, or a pid and its start time as 4711:123456, got ${value || 'nothing'}.`,
      )
    }
    if (values === true || values.includes(value)) return value
    throw usage(`Expected ${name} to be ${oneOf(values)}, got ${value || 'nothing'}.`)
  } catch (error) {
    throw new CommandError((error as Error).message, NOT_STARTED)
  }
}

function oneOf(values: readonly string[]): string {
  return [values.slice(0, -1).join(', '), values.at(-1)].filter(Boolean).join(' or ')
}

/** The most that the guard takes. */
const MAX_MILLISECONDS = 2 ** 32 - 1

/** For `--grace`, a number without a unit is milliseconds. */
function inMilliseconds(name: string, value: string): number {
  const isPlain = name === '--grace' && /^\d+$/.test(value)
  const milliseconds = Math.ceil(isPlain ? Number(value) : duration(name.slice(2), value))
  if (milliseconds > MAX_MILLISECONDS) throw usage(`Expected ${name} to be at most 1193h, got ${value}.`)
  return milliseconds
}

function isParent(option: string): boolean {
  return option.startsWith('--parent=')
}

function needsHosts(options: readonly string[]): boolean {
  const orphaned = options.findLast((option) => option.startsWith('--orphaned='))
  return !options.some(isParent) && orphaned !== '--orphaned=leave'
}
