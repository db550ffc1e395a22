import { measure } from 'mitata'

/** One of the things that are compared, called again and again. */
export type Side = () => unknown

/** Nanoseconds for one call of each side, in the order of the rounds. */
export type Rounds<Name extends string> = Record<Name, number[]>

const ROUNDS = 40

/**
 * Measures the sides in turn, a few milliseconds each, so that what else the machine does falls on all of them alike.
 * Their order is turned round from one round to the next, as who comes after whom is part of the noise, too.
 */
export async function interleave<Name extends string>(sides: Record<Name, Side>): Promise<Rounds<Name>> {
  const names = Object.keys(sides) as Name[]
  const rounds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Rounds<Name>
  for (const name of names) await measureOnce(sides[name]) // compiled before any is counted
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) rounds[name].push(await measureOnce(sides[name]))
  }
  return rounds
}

/** The median of the batches of one round. */
async function measureOnce(side: Side): Promise<number> {
  const { p50 } = await measure(side, {
    min_samples: 80,
    min_cpu_time: 0, // the samples above are enough
    // Always in batches, as to look at the clock for each call would cost a tenth of the call; in short ones, so that
    // the scheduler interrupts few of them.
    batch_samples: 256,
    batch_threshold: Infinity,
    warmup_threshold: Infinity,
  })
  return p50
}
