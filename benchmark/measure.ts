import { measure } from 'mitata'
import { inTurns } from './turns.ts'

/** One side of a comparison. It is called repeatedly. */
export type Side = () => unknown

/** Nanoseconds for one call of each side, in the order of the rounds. */
export type Rounds<Name extends string> = Record<Name, number[]>

const ROUNDS = 40

/** Measures the sides in turn, for a few milliseconds each. */
export function interleave<Name extends string>(sides: Record<Name, Side>): Promise<Rounds<Name>> {
  const measured = Object.entries<Side>(sides).map(([name, side]) => [name, () => measureOnce(side)] as const)
  return inTurns(Object.fromEntries(measured) as Record<Name, () => Promise<number>>, ROUNDS)
}

/** The median of the batches of one round. */
async function measureOnce(side: Side): Promise<number> {
  const { p50 } = await measure(side, {
    min_samples: 80,
    min_cpu_time: 0, // the samples above are enough
    // In batches, because reading the clock for each call would cost a tenth of the call. They are short, so that the
    // scheduler interrupts few of them.
    batch_samples: 256,
    batch_threshold: Infinity,
    warmup_threshold: Infinity,
  })
  return p50
}
