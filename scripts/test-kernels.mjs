// npm run test:kernels: the tests that depend on the kernel, on real kernels and on simulated ones.
//
//   npm run test:kernels -- 6.1 simulated-5.2     only on these
import { availableParallelism } from 'node:os'
import { Counts } from './counts.mjs'
import { KERNELS } from './kernels/list.mjs'
import { obstacle, prepareReal } from './kernels/prepare.mjs'
import { buildRustPrograms } from './kernels/rust-programs.mjs'
import { specs } from './kernels/specs.mjs'
import { testOn } from './kernels/test-on.mjs'
import { fail } from './run.mjs'

const names = process.argv.slice(2)
const unknown = names.filter((name) => !KERNELS.has(name))
if (unknown.length > 0) fail(`There is no kernel ${unknown.join(', ')}. There are ${[...KERNELS.keys()].join(', ')}.`)
if (process.platform !== 'linux') fail('These tests need Linux.')

const counts = new Counts()
const programs = await buildRustPrograms()
const chosen = [...KERNELS].filter(([name]) => names.length === 0 || names.includes(name))
const missing = await prepare(chosen.filter(([, { suite }]) => suite !== undefined))
for (const [name, reason] of missing) counts.skip(`Linux ${name}`, reason)

const queue = chosen.filter(([name]) => !missing.has(name))
const running = new Set(queue.map(([name]) => name))
// A kernel keeps about one processor busy.
await Promise.all(Array.from({ length: availableParallelism() }, testNext))
counts.finish()

/** Makes the real kernels ready. Returns those that are missing, by name, with the reason. */
async function prepare(kernels) {
  if (kernels.length === 0) return new Map()
  const reason = await obstacle()
  if (reason !== undefined) return new Map(kernels.map(([name]) => [name, reason]))
  return prepareReal(kernels, programs.tests)
}

async function testNext() {
  for (let next = queue.shift(); next; next = queue.shift()) {
    await testOn(next, programs, specs(next[1], running), counts)
  }
}
