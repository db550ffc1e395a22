import type { Row, Unit } from './report.ts'
import { median, middle } from './statistics.ts'
import { roundOf } from './turns.ts'

interface Sides {
  what: string
  unit: Unit
  ours: readonly number[]
  theirs: readonly number[]
  target?: string
}

/** How many times theirs ours is. They may have had fewer turns. */
export function ratio({ what, unit, ours, theirs, ...rest }: Sides): Row {
  const [mine, other] = [median(ours), median(theirs)]
  const rounds = theirs.map((value, turn) => ours[roundOf(turn, theirs.length, ours.length)]! / value)
  return { what, unit, ours: mine, theirs: other, ratio: { value: mine / other, middle: middle(rounds) }, ...rest }
}

/** How much more than theirs ours is: the median of what the rounds give. */
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
