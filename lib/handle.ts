import type { Failure } from '../binding.js'
import { KillError } from './errors.js'

/** The number that stands for an open target in the binding. Its lowest bits encode the method: see `method.ts`. */
export type Handle = number

/** Returns the result of a binding function. Throws a `KillError` if the result is a failure. */
export function unwrap<T extends number | boolean | object | void | null | undefined>(
  result: T | Failure,
  pid: number,
): T {
  if (typeof result === 'object' && result !== null && 'code' in result) throw new KillError({ ...result, pid })
  return result as T
}
