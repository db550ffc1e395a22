import { setTimeout } from 'node:timers/promises'

/** Milliseconds; far longer than any step takes, so that only what will never come is given up. */
const DEADLINE = 10_000

/** What an event brings, or an error that names what did not happen in time. */
export async function within<T>(what: string, event: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = setTimeout(DEADLINE, undefined, { signal: done.signal }).then((): never => {
    throw new Error(`${what}: not within ${DEADLINE / 1000} seconds`)
  })
  try {
    return await Promise.race([event, late])
  } finally {
    done.abort()
  }
}
