// npm run emulate [-- NAME...]: the tests on other platforms than this machine's, as far as emulators allow.
import { readdirSync, readFileSync } from 'node:fs'
import { Counts } from './counts.mjs'
import { binaryOf, buildFor } from './cross/build.mjs'
import { buildGuardFor, guardOf } from './cross/guard.mjs'
import { testCommandFor } from './cross/tests.mjs'
import { prepareTools } from './cross/tools.mjs'
import { arm64, arm64Musl } from './emulate/arm64.mjs'
import { musl } from './emulate/musl.mjs'
import { copySuite } from './emulate/suite.mjs'
import { wine } from './emulate/wine.mjs'
import { fail, root } from './run.mjs'

const all = { arm64, 'arm64-musl': arm64Musl, musl, wine }
const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in all))
if (unknown.length > 0) fail(`There is no ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}.`)

const counts = new Counts()
const tools = await prepareTools()
for (const name of named.length > 0 ? named : Object.keys(all)) {
  const machine = all[name]
  await machine.prepare(tools)
  console.log(`\n=== Rust on ${machine.platform}, by ${name} ===\n`)
  const { command, env } = testCommandFor(machine.platform, tools, machine)
  const { rustExcept = [] } = machine
  await counts.cargo([...command, '--', ...rustExcept.flatMap((title) => ['--skip', title])], { env })
  for (const title of rustExcept) {
    counts.skip(
      `${title}, on ${machine.platform}`,
      'a simulated kernel is the same on every processor, and takes minutes here',
    )
  }
  if (machine.specs.length > 0) await testAva(name, machine)
}
counts.finish()

async function testAva(name, { folder, platform, specs, why, except = {}, partly = {}, runner = [], env, node }) {
  console.log(`\n=== AVA on ${platform}, by ${name} ===\n`)
  const titles = Object.keys(except)
  const files = specs.map((spec) => `__test__/${spec}.spec.ts`)
  const text = files.map((file) => readFileSync(`${root}${file}`, 'utf8')).join('\n')
  const stale = titles.filter((title) => !text.includes(title))
  if (stale.length > 0) fail(`No test has a title that ${name} leaves out: ${stale.join(', ')}.`)

  await buildFor(platform, tools)
  await buildGuardFor(platform, tools)
  await copySuite(`${folder}suite/`, platform, binaryOf(platform), guardOf(platform))
  const matches = titles.map((title) => `--match=!${title}`)
  const options = { launcher: runner, node: node(), label: name, env, cwd: `${folder}suite/` }
  await counts.ava(['--concurrency', '2', ...matches, ...files], options)
  for (const [spec, { match, reason }] of Object.entries(partly)) {
    await counts.ava([`--match=${match}`, `__test__/${spec}.spec.ts`], options)
    counts.skip(`the other tests of ${spec} on ${platform}`, reason)
  }
  const others = readdirSync(`${root}__test__`, { recursive: true }).filter((file) => file.endsWith('.spec.ts'))
  const left = others.length - specs.length - Object.keys(partly).length
  counts.skip(`${left} of ${others.length} specs on ${platform}`, why)
  for (const [title, reason] of Object.entries(except)) counts.skip(`${title}, on ${platform}`, reason)
}
