import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cache } from './cache.mjs'
import { runWithRestarts } from './restarts.mjs'
import { LENGTHS } from './specs.mjs'

const BOOT = fileURLToPath(new URL('boot.mjs', import.meta.url))

/** Runs all test programs of Rust, and fails if one of them does. */
const EACH = ['sh', '-c', 'for program; do "$program" --quiet || failed=1; done; exit $failed', 'sh']

/** Runs the tests on a kernel and adds their results to the counts. Their output goes to a file, as several kernels run at once. */
export async function testOn([name, { suite, filter }], { tests, oldKernel }, specs, counts) {
  const started = performance.now()
  const log = `${cache}${name}.log`
  mkdirSync(cache, { recursive: true })
  rmSync(log, { force: true })
  const options = {
    label: name,
    stdout: [{ file: log, append: true }, 'pipe'],
    stderr: { file: log, append: true },
    env: { ...LENGTHS, ...process.env, KILLTARGET_TEST_KERNEL: name },
  }
  // The machine of a real kernel dies with this process.
  const boot = ['setpriv', '--pdeathsig', 'KILL', process.execPath, BOOT, name]
  const launcher = suite === undefined ? [oldKernel, filter] : boot
  const rust = await counts.cargo([...launcher, ...EACH, ...tests], options)
  // A real kernel has one processor, and may crash. Of the simulated ones two run at once, so two files of each are enough.
  const ava =
    suite === undefined
      ? await counts.ava(['--concurrency=2', ...specs], { ...options, launcher })
      : counts.add(await runWithRestarts(specs, { ...options, launcher }), name)
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((what) => rust[what] + ava[what])
  const seconds = Math.round((performance.now() - started) / 1000)
  if (failed > 0) console.log(failures(log))
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`)
}

/** Returns the output without the lines of the tests that passed. */
function failures(log) {
  const lines = readFileSync(log, 'utf8').split('\n')
  return lines.filter((line) => !line.startsWith('ok ')).join('\n')
}
