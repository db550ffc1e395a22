import { usage } from './usage.js'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Parses a length of time: `500ms`, `5s`, `2m`, `1h` or `0`. Returns milliseconds.
 *
 * @throws `CommandError`: a number without a unit would be milliseconds to one and seconds to another.
 */
export function duration(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  if (text === '0') return 0
  if (number === undefined) {
    throw usage(`Expected --${option} to be a time such as 5s, 500ms or 0, got ${text || 'nothing'}.`)
  }
  return Number(number) * UNITS[unit!]!
}
