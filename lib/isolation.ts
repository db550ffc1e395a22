import { checkOneOf } from './arguments.js'
import { KillError } from './errors.js'

/** What keeps the processes of a contained launch together: see `ContainOptions`. */
export type Isolation = 'reaper' | 'pid-namespace' | 'job' | 'session'

const ALL: readonly Isolation[] = ['reaper', 'pid-namespace', 'job', 'session']

/** What each system has. The first is the default. */
const AVAILABLE: ReadonlyMap<string, readonly [Isolation, ...Isolation[]]> = new Map([
  ['win32', ['job']],
  ['darwin', ['session']],
])

const OF_LINUX = ['reaper', 'pid-namespace'] as const

/**
 * Returns the isolation that the option names, or the default of this system.
 *
 * @throws `KillError` with `ENOSYS`: another system has it. There is no weaker one instead.
 */
export function checkedIsolation(value: Isolation | undefined): Isolation {
  const available: readonly [Isolation, ...Isolation[]] = AVAILABLE.get(process.platform) ?? OF_LINUX
  if (value === undefined) return available[0]
  checkOneOf('options.isolation', ALL, value)
  if (available.includes(value)) return value
  const others = available.map((name) => `'${name}'`).join(' and ')
  throw notAvailable(`\`options.isolation\` cannot be '${value}' on ${process.platform}, which has ${others} only.`)
}

/** Makes the error for what the guard of another system can do. */
export function notAvailable(message: string): KillError {
  return new KillError({ code: 'ENOSYS', message, pid: process.pid })
}
