// `performance` is the global one: Node loads a dozen modules for it, at its first use.
import { clearTimeout, setTimeout } from 'node:timers'

/** The longest that a timer of Node's can take; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1

/** Calls `fire` after so many milliseconds of the monotonic clock, however many; never for `Infinity`. Gives what ends it. */
export function after(milliseconds: number, ref: boolean, fire: () => void): () => void {
  if (milliseconds === Infinity) return () => {}
  const due = performance.now() + milliseconds
  let timer = arm()
  return () => clearTimeout(timer)

  function arm() {
    // Less than nothing is nothing to a timer too, but it warns.
    const left = Math.max(due - performance.now(), 0)
    const armed = setTimeout(check, Math.min(left, LONGEST))
    return ref ? armed : armed.unref()
  }

  function check(): void {
    if (performance.now() < due) timer = arm()
    else fire()
  }
}
