import { setTimeout } from 'node:timers/promises'

/** Milliseconds. Far longer than any step takes, even on a busy machine. */
const TIMEOUT = 10_000

/** Resolves with the event. Rejects with an error that names the event if it does not happen in time. */
export async function within<T>(what: string, event: Promise<T>): Promise<T> {
  const done = new AbortController()
  const timedOut = setTimeout(TIMEOUT, undefined, { signal: done.signal }).then((): never => {
    throw new Error(`${what}: not within ${TIMEOUT / 1000} seconds`)
  })
  try {
    return await Promise.race([event, timedOut])
  } finally {
    done.abort()
  }
}
