/**
 * Figures of the sides that are compared, in the order of the rounds. Each takes its turn in every round, so that what else
 * the machine does falls on all of them alike. Their order is turned round from one round to the next, as who comes after
 * whom is part of the noise, too.
 */
export async function inTurns<Name extends string>(
  sides: Record<Name, () => Promise<number>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[]
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (const name of names) await sides[name]() // compiled before any is counted
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) figures[name].push(await sides[name]())
  }
  return figures
}
