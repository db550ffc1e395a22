// `performance` is the global, which Node loads at its first use. It loads a dozen modules for it.
import { clearTimeout, setTimeout } from 'node:timers'

/** In milliseconds. Node fires a timer with a longer delay at once. */
const MAX_TIMER_DELAY = 2 ** 31 - 1

/**
 * Calls `fire` after a delay on the monotonic clock. The delay may be longer than Node's timers allow; for `Infinity` it never
 * calls. Returns a function that cancels the timer.
 */
export function after(milliseconds: number, ref: boolean, fire: () => void): () => void {
  if (milliseconds === Infinity) return () => {}
  const due = performance.now() + milliseconds
  let timer = arm()
  return () => clearTimeout(timer)

  function arm() {
    // Node warns of a negative delay.
    const remaining = Math.max(due - performance.now(), 0)
    const armed = setTimeout(check, Math.min(remaining, MAX_TIMER_DELAY))
    return ref ? armed : armed.unref()
  }

  function check(): void {
    if (performance.now() < due) timer = arm()
    else fire()
  }
}
