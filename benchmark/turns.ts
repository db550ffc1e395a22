/**
 * Measures the sides of a comparison in turn, and returns their figures in the order of the rounds. Each side has a turn in
 * every round, so other work on the machine affects all alike. The order is reversed from one round to the next, because the
 * order affects the figures, too.
 *
 * A slow side may have fewer turns. They are spread over the rounds.
 */
export async function inTurns<Name extends string, Figure = number>(
  sides: Record<Name, () => Promise<Figure>>,
  rounds: number,
  fewer: Partial<Record<Name, number>> = {},
): Promise<Record<Name, Figure[]>> {
  const names = Object.keys(sides) as Name[]
  const figures = Object.fromEntries(names.map((name) => [name, [] as Figure[]])) as Record<Name, Figure[]>
  const turns = (name: Name) => fewer[name] ?? rounds
  for (const name of names) if (turns(name) === rounds) await sides[name]() // compiles the code
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) {
      const done = figures[name].length
      if (done < turns(name) && roundOf(done, turns(name), rounds) === round) figures[name].push(await sides[name]())
    }
  }
  return figures
}

/** Returns the round of a turn. */
function roundOf(turn: number, turns: number, rounds: number): number {
  return Math.floor((turn * rounds) / turns)
}
