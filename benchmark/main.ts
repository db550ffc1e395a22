// npm run bench [-- NAME [TRIALS] ...]: all benchmarks, or those named. `survivors` takes a number of trials.
import { drawTree } from './chart.ts'
import { contain } from './contain.ts'
import { exited } from './exited.ts'
import { memory } from './memory.ts'
import { open } from './open.ts'
import { machine, publish } from './report.ts'
import type { Report } from './results.ts'
import { require } from './require.ts'
import { signal } from './signal.ts'
import { size } from './size.ts'
import { survivors } from './survivors.ts'
import { terminate } from './terminate.ts'
import { threads } from './threads.ts'
import { tree } from './tree.ts'
import { waits } from './waits.ts'

const benchmarks = new Map<string, (trials?: number) => Promise<Report>>(
  Object.entries({ signal, open, exited, terminate, tree, survivors, contain, require, size, memory, waits, threads }),
)

/** Drawn from the results. */
const charts = new Map([['tree', drawTree]])

const trialsOf = new Map<string, number>()
const named = process.argv.slice(2).filter((word, index, words) => {
  const isNumber = index > 0 && /^[1-9]\d*$/.test(word)
  if (isNumber) trialsOf.set(words[index - 1]!, Number(word))
  return !isNumber
})
const names = named.length > 0 ? named : [...benchmarks.keys()]
const unknown = names.filter((name) => !benchmarks.has(name))
if (unknown.length > 0) {
  console.error(`Unknown benchmark: ${unknown.join(', ')}. Pass any of ${[...benchmarks.keys()].join(', ')}.`)
  process.exit(1)
}

const { killtarget, node, kernel, cpu, cores } = machine()
console.log(`killtarget ${killtarget}, Node ${node}, ${kernel}, ${cpu}, ${cores} cores\n`)
for (const name of names) {
  publish(name, await benchmarks.get(name)!(trialsOf.get(name)))
  charts.get(name)?.()
}
