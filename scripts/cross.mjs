// npm run cross [-- PLATFORM...]: builds the binaries of all platforms, or of some, on x64 Linux, and checks them.
// With each binary comes a guard.
import { statSync } from 'node:fs'
import { faultsIn, guardFaultsIn } from './cross/binary.mjs'
import { binaryOf, buildFor, placeOf } from './cross/build.mjs'
import { buildGuardFor, guardOf } from './cross/guard.mjs'
import { platforms } from './cross/platforms.mjs'
import { prepareTools } from './cross/tools.mjs'
import { fail } from './run.mjs'

const named = process.argv.slice(2)
const unknown = named.filter((platform) => !(platform in platforms))
const all = Object.keys(platforms)
if (unknown.length > 0) fail(`There is no platform ${unknown.join(', ')}; there are ${all.join(', ')}.`)

const tools = await prepareTools()
const wanted = named.length > 0 ? named : all
const faults = []
// Two at a time: a large part of each build uses one processor only.
const places = [...new Set(wanted.map(placeOf))]
await Promise.all(places.map((place) => buildAll(wanted.filter((platform) => placeOf(platform) === place))))
if (faults.length > 0) fail(faults.join('\n'))
console.log(`${wanted.length} of ${all.length} platforms are built, and their binaries as they should be.`)

async function buildAll(some) {
  for (const platform of some) {
    await timed(platform, binaryOf(platform), () => buildFor(platform, tools))
    faults.push(...faultsIn(platform, binaryOf(platform), tools).map((fault) => `${platform}: ${fault}`))
  }
  // One for both C libraries.
  const guards = new Map(some.map((platform) => [guardOf(platform), platform]))
  for (const [guard, platform] of guards) {
    await timed(`the guard for ${platform}`, guard, () => buildGuardFor(platform, tools))
    faults.push(...guardFaultsIn(platform, guard, tools).map((fault) => `${guard}: ${fault}`))
  }
}

async function timed(name, file, build) {
  const start = performance.now()
  await build()
  const seconds = Math.round((performance.now() - start) / 1000)
  console.log(`${name}: ${statSync(file).size} bytes, in ${seconds} s`)
}
