import { checkOneOf } from './arguments.js'
import { availableIsolations, type Isolation } from './available-isolations.js'
import { KillError } from './errors.js'

const ALL: readonly Isolation[] = ['reaper', 'pid-namespace', 'job', 'session']

/**
 * Returns the isolation that the option names, or the default of this system.
 *
 * @throws `KillError` with `ENOSYS`: another system has it. There is no weaker one instead.
 */
export function checkedIsolation(value: Isolation | undefined): Isolation {
  const available = availableIsolations()
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
