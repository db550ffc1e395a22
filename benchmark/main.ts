// npm run bench [-- NAME ...]: all benchmarks, or those named.
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
import { terminate } from './terminate.ts'
import { tree } from './tree.ts'
import { waits } from './waits.ts'

const benchmarks = new Map<string, () => Promise<Report>>(
  Object.entries({ signal, open, exited, terminate, tree, contain, require, size, memory, waits }),
)

/** Drawn from the results. */
const charts = new Map([['tree', drawTree]])

const names = process.argv.length > 2 ? process.argv.slice(2) : [...benchmarks.keys()]
const unknown = names.filter((name) => !benchmarks.has(name))
if (unknown.length > 0) {
  console.error(`Unknown benchmark: ${unknown.join(', ')}. Pass any of ${[...benchmarks.keys()].join(', ')}.`)
  process.exit(1)
}

const { killtarget, node, kernel, cpu, cores } = machine()
console.log(`killtarget ${killtarget}, Node ${node}, ${kernel}, ${cpu}, ${cores} cores\n`)
for (const name of names) {
  publish(name, await benchmarks.get(name)!())
  charts.get(name)?.()
}
