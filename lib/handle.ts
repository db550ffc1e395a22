import type { Failure } from '../binding.js'
import { KillError } from './errors.js'

/** The number by which the native part knows an open target. */
export type Handle = number

/** What the native part returned, or thrown what it returned in place of that. */
export function unwrap<T extends number | boolean | object | void | null | undefined>(
  result: T | Failure,
  pid: number,
): T {
  if (typeof result === 'object' && result !== null && 'code' in result) throw new KillError({ ...result, pid })
  return result as T
}
