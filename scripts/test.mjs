// npm test: install, build, all tests: Rust's, and the whole AVA suite on this kernel and on each simulated older one.
//
//   npm test -- --kernel host --kernel 6.8        only under these
//   npm test -- __test__/api/signal.spec.ts       only these files; other arguments go to AVA, too
import { copyFileSync } from 'node:fs'
import { PORTABLE, WHY } from './portable.mjs'
import { prepare } from './prepare.mjs'
import { root, run } from './run.mjs'
import { installRuntimes } from './runtimes.mjs'

/** Those that old-kernel.rs can put on. Seccomp is Linux's. */
const KERNELS = process.platform === 'linux' ? ['host', '6.12', '6.8', '5.2', 'no-pidfd', 'refused'] : ['host']
const OLD_KERNEL = `${root}target/debug/examples/old-kernel`

const counts = { passed: 0, failed: 0, skipped: 0 }
const skips = new Map()

/** Runs a test runner as if on a kernel. */
async function test(what, kernel, command, countLine) {
  heading(kernel === 'host' ? what : `${what}, as on ${kernel}`)
  const before = { ...counts }
  const [program, ...args] = kernel === 'host' ? command : [OLD_KERNEL, kernel, ...command]
  const onLine = (line) => countLine(line, kernel)
  const code = await run(program, args, { check: false, onLine, env: { KILLTARGET_TEST_KERNEL: kernel } })
  // What fails without being a test: a file that does not load, an error that nobody caught, tests that were not run.
  const isSilent = counts.failed === before.failed && (code !== 0 || counts.passed === before.passed)
  if (isSilent) counts.failed++
}

/** The same addon with a way to make it panic, which the shipped one has not. */
async function buildWithHooks() {
  await run('cargo', ['build', '--quiet', '--features', 'test-hooks'])
  const [prefix, suffix] = { darwin: ['lib', 'dylib'], win32: ['', 'dll'] }[process.platform] ?? ['lib', 'so']
  copyFileSync(`${root}target/debug/${prefix}killtarget_node.${suffix}`, `${root}target/test-hooks.node`)
}

function countRust(line) {
  const [, passed, failed, ignored] = /^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored;/.exec(line) ?? []
  counts.passed += Number(passed ?? 0)
  counts.failed += Number(failed ?? 0)
  counts.skipped += Number(ignored ?? 0)
}

function countAva(line, kernel) {
  const [, mark, title] = /^\s+(✔|✘ \[fail\]:|- \[skip\]) (.*)$/.exec(line) ?? []
  if (mark === undefined) return
  if (mark === '✔') counts.passed++
  else if (mark.startsWith('✘')) counts.failed++
  else {
    counts.skipped++
    skips.set(title, [...(skips.get(title) ?? []), kernel])
  }
}

function heading(text) {
  console.log(`\n=== ${text} ===\n`)
}

/** `--kernel NAME`, any number of times; all else is AVA's. */
function readArguments([first, second, ...rest]) {
  if (first === undefined) return { kernels: [], others: [] }
  const isKernel = first === '--kernel' && second !== undefined
  const { kernels, others } = readArguments(isKernel || second === undefined ? rest : [second, ...rest])
  return isKernel ? { kernels: [second, ...kernels], others } : { kernels, others: [first, ...others] }
}

const { kernels, others } = readArguments(process.argv.slice(2))

const isLinux = process.platform === 'linux'
// Those of the API start shells and look into /proc: elsewhere there are those beside the code.
const rust = ['cargo', 'test', '--quiet', '--workspace', ...(isLinux ? [] : ['--lib'])]
const files = isLinux || others.length > 0 ? [] : PORTABLE.map((name) => `__test__/${name}.spec.ts`)
const ava = [process.execPath, `${root}node_modules/ava/entrypoints/cli.mjs`, ...others, ...files]

await prepare()
await installRuntimes()
await buildWithHooks()
if (isLinux) await run('cargo', ['build', '--quiet', '--package', 'killtarget', '--example', 'old-kernel'])
for (const kernel of kernels.length > 0 ? kernels : KERNELS) {
  await test('Rust', kernel, rust, countRust)
  await test('AVA', kernel, ava, countAva)
}

heading('Result')
if (!isLinux) console.log(`Not run: Rust's tests of the API, and all specs but ${PORTABLE.join(', ')}: ${WHY}.`)
for (const [title, where] of skips) console.log(`skipped (${where.join(', ')}): ${title}`)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 ? 0 : 1
