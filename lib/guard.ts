import { native } from './native.js'
import type { Slot } from './slot.js'

/**
 * Closes a slot when its owner is collected: whoever holds the guard alone is the owner.
 *
 * Registering with a `FinalizationRegistry` costs as much as a system call, so guards are registered once and used again.
 */
export interface Guard {
  readonly guarded: { slot: Slot }
}

/** No slot. */
const NONE: Slot = 0

const MOST_IDLE = 256
const idle: Guard[] = []

const collected = new FinalizationRegistry<Guard['guarded']>(({ slot }) => native.close(slot))

export function acquire(slot: Slot): Guard {
  const guard = idle.pop() ?? register()
  guard.guarded.slot = slot
  return guard
}

/** Takes a guard back from an owner that has closed its slot and forgets the guard. */
export function release(guard: Guard): void {
  guard.guarded.slot = NONE
  if (idle.length < MOST_IDLE) idle.push(guard)
}

function register(): Guard {
  const guard = { guarded: { slot: NONE } }
  collected.register(guard, guard.guarded)
  return guard
}
