import { isFailure } from './handle.js'
import { native } from './native.js'
import type { Opened } from './opened.js'
import { startTimer } from './pending.js'
import { waitForExit } from './wait.js'

/** Milliseconds between checks whether a process has left others. The longest is for others that were seen. */
const MIN_INTERVAL = 10
const MAX_INTERVAL = 1000
const MAX_INTERVAL_OF_SEEN = 10_000

/** Milliseconds that a check may take. The limit is doubled while checks cannot tell, as where there are many processes. */
const MIN_LIMIT = 20
const MAX_LIMIT = 80

/** Milliseconds that checks may take that are not repeated. A busy machine takes longer than the shortest limit. */
export const SINGLE_LIMIT = 1000

/** The checks after those that could not tell block JavaScript for one of so many milliseconds, all together. */
const SHARE = 20

/** The time before which there is no such check. */
let earliest = 0

/**
 * Calls back once the process has exited and has left no others in scope: `sh -c 'server & echo started'` leaves one. It does
 * not keep the event loop alive. Returns a function that cancels it. If the wait fails, it never calls.
 */
export function whenNothingIsLeft(opened: Opened, scope: string | null | undefined, onNothing: () => void): () => void {
  const waiting = new AbortController()
  let isCancelled = false
  let cancelCheck = () => {}
  const check = (interval: number, limit: number): void => {
    if (isCancelled) return
    const start = performance.now()
    if (limit > MIN_LIMIT && start < earliest) {
      cancelCheck = startTimer(earliest - start, () => check(interval, limit))
      return
    }
    const hasOthers = hasLeftOthers(opened, scope, limit)
    if (hasOthers === false) return onNothing()
    const again = (longest: number, nextLimit: number) => () => check(Math.min(interval * 2, longest), nextLimit)
    if (hasOthers === true) {
      cancelCheck = startTimer(interval, again(MAX_INTERVAL_OF_SEEN, MIN_LIMIT))
    } else {
      const end = performance.now()
      earliest = end + (end - start) * SHARE
      cancelCheck = startTimer(interval, again(MAX_INTERVAL, Math.min(limit * 2, MAX_LIMIT)))
    }
  }
  waitForExit(opened, { timeout: Infinity, signal: waiting.signal, ref: false }).then(
    () => check(MIN_INTERVAL, MIN_LIMIT),
    () => {},
  )
  return () => {
    isCancelled = true
    waiting.abort()
    cancelCheck()
  }
}

/**
 * Returns whether a process that has exited has left others in scope, or `null` if one check cannot tell.
 *
 * @param limit Milliseconds that the check may take. It gets 20 at least.
 */
export function hasLeftOthers(
  target: Opened,
  scope: string | null | undefined,
  limit: number = SINGLE_LIMIT,
): boolean | null {
  const result = native.hasLeftovers(target.handle, scope, target.except, Math.round(Math.max(limit, MIN_LIMIT)))
  return isFailure(result) ? null : (result ?? null)
}
