// Kills trees of 10 and says how long that took until it was told, in milliseconds, as JSON.
import { killers } from '../killers.ts'
import { killTree } from '../trees.ts'

const ROUNDS = 30
/** Compiled, loaded and probed. */
const FIRST = 3

const times: number[] = []
for (let round = -FIRST; round < ROUNDS; round++) {
  const { call } = await killTree({ shape: 'wide', processes: 10 }, killers.killtarget)
  if (round >= 0) times.push(call)
}
console.log(JSON.stringify(times))
