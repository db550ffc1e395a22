/**
 * Figures of the sides that are compared, in the order of the rounds. Each takes its turn in every round, so that what else
 * the machine does falls on all of them alike. Their order is turned round from one round to the next, as who comes after
 * whom is part of the noise, too.
 *
 * A side that takes long may have fewer turns, which are spread over the rounds; all of its turns are counted.
 */
export async function inTurns<Name extends string, Figure = number>(
  sides: Record<Name, () => Promise<Figure>>,
  rounds: number,
  fewer: Partial<Record<Name, number>> = {},
): Promise<Record<Name, Figure[]>> {
  const names = Object.keys(sides) as Name[]
  const figures = Object.fromEntries(names.map((name) => [name, [] as Figure[]])) as Record<Name, Figure[]>
  const turns = (name: Name) => fewer[name] ?? rounds
  for (const name of names) if (turns(name) === rounds) await sides[name]() // compiled before any is counted
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) {
      const done = figures[name].length
      if (done < turns(name) && roundOf(done, turns(name), rounds) === round) figures[name].push(await sides[name]())
    }
  }
  return figures
}

/** The round in which a side takes its turn that has so many turns in so many rounds. */
function roundOf(turn: number, turns: number, rounds: number): number {
  return Math.floor((turn * rounds) / turns)
}
