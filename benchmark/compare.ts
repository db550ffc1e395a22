import type { Row, Unit } from './results.ts'
import { median, middle } from './statistics.ts'

interface Sides {
  what: string
  unit: Unit
  ours: readonly number[]
  theirs: readonly number[]
  target?: string
}

/** Divides ours by theirs. If theirs has fewer rounds, each of them is compared with the median of ours. */
export function ratio({ what, unit, ours, theirs, ...rest }: Sides): Row {
  const [mine, other] = [median(ours), median(theirs)]
  const inPairs = ours.length === theirs.length
  const rounds = theirs.map((value, round) => (inPairs ? ours[round]! : mine) / value)
  return { what, unit, ours: mine, theirs: other, ratio: { value: mine / other, middle: middle(rounds) }, ...rest }
}

/** Subtracts theirs from ours: the median of the differences of all rounds. */
export function difference({ what, unit, ours, theirs, ...rest }: Sides): Row {
  const rounds = ours.map((value, round) => value - theirs[round]!)
  return {
    what,
    unit,
    ours: median(ours),
    theirs: median(theirs),
    difference: { value: median(rounds), middle: middle(rounds) },
    ...rest,
  }
}
