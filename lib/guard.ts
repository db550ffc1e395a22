import { native } from './native.js'
import type { Handle } from './handle.js'

/**
 * Closes a handle when its owner is collected: whoever holds the guard alone is the owner.
 *
 * Registering with a `FinalizationRegistry` costs as much as a system call, so guards are registered once and used again.
 */
export interface Guard {
  readonly guarded: { handle: Handle }
}

/** No handle. */
const NONE: Handle = 0

const MOST_IDLE = 256
const idle: Guard[] = []

const collected = new FinalizationRegistry<Guard['guarded']>(({ handle }) => native.close(handle))

export function acquire(handle: Handle): Guard {
  const guard = idle.pop() ?? register()
  guard.guarded.handle = handle
  return guard
}

/** Takes a guard back from an owner that has closed its handle and forgets the guard. */
export function release(guard: Guard): void {
  guard.guarded.handle = NONE
  if (idle.length < MOST_IDLE) idle.push(guard)
}

function register(): Guard {
  const guard = { guarded: { handle: NONE } }
  collected.register(guard, guard.guarded)
  return guard
}
