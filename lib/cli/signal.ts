import { native } from '../native.js'
import { usage } from './usage.js'

/**
 * Without what checks the arguments of functions: that loads `node:util`, which opens standard error, and `run` must not.
 *
 * Returns the signal that an option names: a number, or a name in any case, with or without `SIG`.
 *
 * @throws `CommandError`: this system has no such signal.
 */
export function signalOf(option: string, text: string): number {
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  const found = native.signals().find((signal) => signal.name === name || String(signal.number) === text)
  if (found !== undefined) return found.number
  throw usage(`Expected --${option} to be a signal such as TERM or 15, got ${text || 'nothing'}.`)
}
