import { isFailure } from './handle.js'
import { native } from './native.js'
import type { Opened } from './opened.js'
import { startTimer } from './pending.js'
import { waitForExit } from './wait.js'

/** Milliseconds between checks whether a process has left others. The longest is for others that were seen. */
const MIN_INTERVAL = 10
const MAX_INTERVAL = 1000
const MAX_INTERVAL_OF_SEEN = 10_000

/**
 * Calls back once the process has exited and has left no others in scope: `sh -c 'server & echo started'` leaves one. It does
 * not keep the event loop alive. Returns a function that cancels it. If the wait fails, it never calls.
 */
export function whenNothingIsLeft(opened: Opened, scope: string | null | undefined, onNothing: () => void): () => void {
  const waiting = new AbortController()
  let isCancelled = false
  let cancelCheck = () => {}
  const check = (interval: number): void => {
    if (isCancelled) return
    const hasOthers = hasLeftOthers(opened, scope)
    if (hasOthers === false) return onNothing()
    const longest = hasOthers === true ? MAX_INTERVAL_OF_SEEN : MAX_INTERVAL
    cancelCheck = startTimer(interval, () => check(Math.min(interval * 2, longest)))
  }
  waitForExit(opened, { timeout: Infinity, signal: waiting.signal, ref: false }).then(
    () => check(MIN_INTERVAL),
    () => {},
  )
  return () => {
    isCancelled = true
    waiting.abort()
    cancelCheck()
  }
}

/** Returns whether a process that has exited has left others in scope, or `null` if one check cannot tell. */
export function hasLeftOthers(target: Opened, scope: string | null | undefined): boolean | null {
  const result = native.hasLeftovers(target.handle, scope, target.except)
  return isFailure(result) ? null : (result ?? null)
}
