// npm run cross [-- PLATFORM...]: the binaries of all platforms, or of those named, built on x64 Linux.
import { statSync } from 'node:fs'
import { binaryOf, buildFor } from './cross/build.mjs'
import { platforms } from './cross/platforms.mjs'
import { prepareTools } from './cross/tools.mjs'
import { fail } from './run.mjs'

const named = process.argv.slice(2)
const unknown = named.filter((platform) => !(platform in platforms))
const all = Object.keys(platforms)
if (unknown.length > 0) fail(`There is no platform ${unknown.join(', ')}; there are ${all.join(', ')}.`)

const tools = await prepareTools()
for (const platform of named.length > 0 ? named : all) {
  const start = performance.now()
  await buildFor(platform, tools)
  const seconds = Math.round((performance.now() - start) / 1000)
  console.log(`${platform}: ${statSync(binaryOf(platform)).size} bytes, in ${seconds} s`)
}
