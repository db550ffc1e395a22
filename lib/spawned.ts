import { subscribe } from 'node:diagnostics_channel'
import type { PidClock } from '../binding.js'
import { native } from './native.js'
import { shared } from './shared.js'

/** Milliseconds. The moment is read at most that often. An earlier one is right, too. */
const MAX_AGE = 1000

let last: PidClock | null = null
let read = -Infinity

/** Returns a moment before the child was started. `undefined`: it was started before the package was loaded, or not by Node. */
export function startOf(child: object): PidClock | null | undefined {
  return spawned.get(child)
}

/**
 * The children that Node has started since the package was loaded, each with a moment before its start. All loads of the
 * package share it, and one listener.
 */
const spawned = shared('spawned', listen)

function listen(): WeakMap<object, PidClock | null> {
  const children = new WeakMap<object, PidClock | null>()
  subscribe('child_process', (message) => {
    const child = (message as { process?: unknown }).process
    if (typeof child === 'object' && child !== null) children.set(child, now())
  })
  return children
}

function now(): PidClock | null {
  const time = performance.now()
  if (time - read >= MAX_AGE) [last, read] = [native.pidClock(), time]
  return last
}
