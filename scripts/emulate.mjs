// npm run emulate [-- NAME...]: the tests on platforms that this machine is not, as far as they can be had by emulation.
import { readdirSync } from 'node:fs'
import { binaryOf, buildFor } from './cross/build.mjs'
import { prepareTools } from './cross/tools.mjs'
import { arm64 } from './emulate/arm64.mjs'
import { musl } from './emulate/musl.mjs'
import { copySuite } from './emulate/suite.mjs'
import { wine } from './emulate/wine.mjs'
import { prepare } from './prepare.mjs'
import { fail, root } from './run.mjs'

const all = { arm64, musl, wine }
const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in all))
if (unknown.length > 0) fail(`There is no ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}.`)

const ava = `${root}node_modules/ava/entrypoints/cli.mjs`
const counts = { passed: 0, failed: 0, skipped: 0 }

await prepare()
const tools = await prepareTools()
for (const name of named.length > 0 ? named : Object.keys(all)) await test(name, all[name])
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 ? 0 : 1

async function test(name, machine) {
  const { folder, platform, specs, why, except = {} } = machine
  console.log(`\n=== ${platform}, by ${name} ===\n`)
  await buildFor(platform, tools)
  await machine.prepare(tools)
  await copySuite(`${folder}suite/`, platform, binaryOf(platform))
  const files = specs.map((spec) => `__test__/${spec}.spec.ts`)
  const matches = Object.keys(except).map((title) => `--match=!${title}`)
  const { output, status } = await machine.run([ava, '--concurrency', '2', ...matches, ...files], `${folder}suite/`)
  process.stdout.write(output)
  const others = readdirSync(`${root}__test__`).filter((file) => file.endsWith('.spec.ts')).length - specs.length
  console.log(`\nNot run: ${others} of ${others + specs.length} specs: ${why}.`)
  for (const [title, reason] of Object.entries(except)) console.log(`Not run: ${title}: ${reason}.`)
  count(output, status)
  counts.skipped += matches.length
}

/** What fails without being a test counts as one: a file that does not load, tests that were not run. */
function count(output, status) {
  const lines = output.split('\n').map((line) => line.trimStart())
  const [passed, failed, skipped] = [/^[✔√] /, /^[✘×] /, /^- \[skip\]/].map(
    (mark) => lines.filter((line) => mark.test(line)).length,
  )
  counts.passed += passed
  counts.failed += failed === 0 && (status !== 0 || passed === 0) ? 1 : failed
  counts.skipped += skipped
}
