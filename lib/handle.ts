import type { Failure } from '../binding.js'
import { KillError } from './errors.js'
import { native } from './native.js'

/** The number that stands for an open target in the binding. Its lowest bits encode the method: see `method.ts`. */
export type Handle = number

/** What a binding function may return. */
type Result = number | string | boolean | object | void | null | undefined

/** Returns the result of a binding function. Throws a `KillError` if the result is a failure. */
export function unwrap<T extends Result>(result: T | Failure, pid: number): T {
  if (isFailure(result)) {
    const { code, message, errno, syscall } = result
    throw new KillError({ code, message, errno: errno ?? undefined, syscall: syscall ?? undefined, pid })
  }
  return result
}

export function isFailure<T extends Result>(result: T | Failure): result is Failure {
  return typeof result === 'object' && result !== null && Object.hasOwn(result, 'code')
}

/** Opens a target on a process that is known to be gone. */
export function openGone(pid: number): Handle {
  return unwrap(native.openGone(pid), pid)
}
