// npm run emulate [-- NAME...]: the tests on platforms that this machine is not, as far as they can be had by emulation.
import { readdirSync } from 'node:fs'
import { binaryOf, buildFor } from './cross/build.mjs'
import { buildTestsFor } from './cross/tests.mjs'
import { prepareTools } from './cross/tools.mjs'
import { arm64, arm64Musl } from './emulate/arm64.mjs'
import { countAva, countRust, counts } from './emulate/counts.mjs'
import { musl } from './emulate/musl.mjs'
import { copySuite } from './emulate/suite.mjs'
import { wine } from './emulate/wine.mjs'
import { prepare } from './prepare.mjs'
import { fail, root } from './run.mjs'

const all = { arm64, 'arm64-musl': arm64Musl, musl, wine }
const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in all))
if (unknown.length > 0) fail(`There is no ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}.`)

const ava = `${root}node_modules/ava/entrypoints/cli.mjs`

await prepare()
const tools = await prepareTools()
for (const name of named.length > 0 ? named : Object.keys(all)) await test(name, all[name])
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 ? 0 : 1

async function test(name, machine) {
  await machine.prepare(tools)
  const runs = machine.specs.length > 0 ? { Rust: testRust, AVA: testAva } : { Rust: testRust }
  for (const [what, run] of Object.entries(runs)) {
    console.log(`\n=== ${what} on ${machine.platform}, by ${name} ===\n`)
    await run(machine)
  }
}

/** The core's own tests. One program after the other, as cargo runs them. */
async function testRust(machine) {
  for (const { name, path } of buildTestsFor(machine.platform, tools, machine.isStatic)) {
    const { output, status } = await machine.run([path, '--quiet'], root)
    process.stdout.write(`${name}:\n${output.trim()}\n`)
    countRust(output, status)
  }
}

async function testAva(machine) {
  const { folder, platform, specs, why, except = {} } = machine
  await buildFor(platform, tools)
  await copySuite(`${folder}suite/`, platform, binaryOf(platform))
  const files = specs.map((spec) => `__test__/${spec}.spec.ts`)
  const matches = Object.keys(except).map((title) => `--match=!${title}`)
  const command = [machine.node(), ava, '--concurrency', '2', ...matches, ...files]
  const { output, status } = await machine.run(command, `${folder}suite/`)
  process.stdout.write(output)
  const existing = readdirSync(`${root}__test__`, { recursive: true }).filter((file) => file.endsWith('.spec.ts'))
  const others = existing.length - specs.length
  console.log(`\nNot run: ${others} of ${others + specs.length} specs: ${why}.`)
  for (const [title, reason] of Object.entries(except)) console.log(`Not run: ${title}: ${reason}.`)
  countAva(output, status)
  counts.skipped += matches.length
}
