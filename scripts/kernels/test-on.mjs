import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { root } from '../run.mjs'
import { LENGTHS, specs } from './specs.mjs'

const BOOT = fileURLToPath(new URL('boot.mjs', import.meta.url))

/** Runs all of Rust's test programs, and fails if one does. */
const ALL = ['sh', '-c', 'for program; do "$program" --quiet || failed=1; done; exit $failed', 'sh']

/** Runs the tests on a kernel, and adds what they found to the counts. Their output is in a file, as several run at once. */
export async function testOn(name, kernel, { tests, oldKernel }, counts) {
  const started = performance.now()
  const log = `${root}target/kernels/${name}.log`
  rmSync(log, { force: true })
  const options = {
    label: name,
    stdout: [{ file: log, append: true }, 'pipe'],
    stderr: { file: log, append: true },
    env: { ...LENGTHS, ...process.env, KILLTARGET_TEST_KERNEL: name },
  }
  // The machine dies with this process.
  const launcher =
    kernel.suite === undefined
      ? [oldKernel, kernel.filter]
      : ['setpriv', '--pdeathsig', 'KILL', process.execPath, BOOT, name]
  const rust = await counts.cargo([...launcher, ...ALL, ...tests], options)
  const ava = await counts.ava(['--concurrency=1', ...specs(kernel.suite !== undefined)], { ...options, launcher })
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((what) => rust[what] + ava[what])
  const seconds = Math.round((performance.now() - started) / 1000)
  if (failed > 0) console.log(failures(log))
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`)
}

/** Returns the output of the tests, without the lines of those that passed. */
function failures(log) {
  const lines = readFileSync(log, 'utf8').split('\n')
  return lines.filter((line) => !line.startsWith('ok ')).join('\n')
}
