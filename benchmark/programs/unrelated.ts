// Kills trees of 10 processes. Prints how long each call took, in milliseconds, as JSON.
import { killers } from '../killers.ts'
import { killTree } from '../trees.ts'

const ROUNDS = 30
/** Rounds that are not counted: the code is compiled and loaded, and the kernel probed. */
const WARM_UP_ROUNDS = 3

const times: number[] = []
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
  const { call } = await killTree({ shape: 'wide', processes: 10 }, killers.killtarget)
  if (round >= 0) times.push(call)
}
console.log(JSON.stringify(times))
