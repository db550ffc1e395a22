// npm run test:wine: the tests that hold on every system, with the binary for Windows, in a Node for Windows under wine.
import { readdirSync } from 'node:fs'
import { binaryOf, buildFor } from './cross/build.mjs'
import { prepareTools } from './cross/tools.mjs'
import { prepare } from './prepare.mjs'
import { root } from './run.mjs'
import { copySuite } from './wine/suite.mjs'
import { endWine, folder, prepareWine, runNode } from './wine/wine.mjs'

/** The others start shells, send signals that Windows has not, and look into `/proc`. */
const SPECS = ['binary', 'everywhere', 'loader']

await prepare()
const tools = await prepareTools()
await buildFor('win32-x64-msvc', tools)
await prepareWine(tools)
await copySuite(`${folder}suite/`, binaryOf('win32-x64-msvc'))

const files = SPECS.map((name) => `__test__/${name}.spec.ts`)
const ava = `${root}node_modules/ava/entrypoints/cli.mjs`
const { output, status } = runNode([ava, '--concurrency', '2', ...files], `${folder}suite/`)
endWine()
process.stdout.write(output)

const count = (mark) => output.split('\n').filter((line) => line.trimStart().startsWith(mark)).length
const [passed, failed, skipped] = [count('√'), count('×'), count('- [skip]')]
const others = readdirSync(`${root}__test__`).filter((name) => name.endsWith('.spec.ts')).length - SPECS.length
console.log(`\nNot run under wine: ${others} specs, which start shells, send signals or look into /proc.`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1
