import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { difference } from './compare.ts'
import type { Report } from './results.ts'
import { median } from './statistics.ts'

const PAIRS = 60

/** Measures what loading the package adds to a Node process. */
export async function require(): Promise<Report> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  const [whole, manifest]: [Timed[], Timed[]] = [[], []]
  run('require') // reads the files into memory
  for (let pair = 0; pair < PAIRS; pair++) {
    const first = pair % 2 === 0
    if (first) ours.push(run('require').time)
    theirs.push(run('empty').time)
    if (!first) ours.push(run('require').time)
    whole.push(timed('killtarget'))
    manifest.push(timed('killtarget/package.json'))
  }
  return {
    title: `a Node process that requires the package, ${PAIRS} pairs of runs`,
    against: 'empty script',
    rows: [
      difference({ what: 'start to end of the process', unit: 'ms', ours, theirs, target: 'under 3 ms more' }),
      { what: 'require() as timed inside', unit: 'ms', ours: median(whole.map(({ time }) => time)) },
      { what: 'its CPU time', unit: 'ms', ours: median(whole.map(({ cpu }) => cpu)) },
      // What any package with `exports` costs: it is resolved by name, and one file is read.
      { what: 'of that, for its package.json alone', unit: 'ms', ours: median(manifest.map(({ cpu }) => cpu)) },
    ],
  }
}

interface Timed {
  time: number
  cpu: number
}

function timed(specifier: string): Timed {
  return JSON.parse(run('require-timed', specifier).output)
}

function run(name: string, ...args: string[]): { time: number; output: string } {
  const file = fileURLToPath(new URL(`./programs/${name}.cjs`, import.meta.url))
  const start = performance.now()
  const { status, stdout } = spawnSync(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  const time = performance.now() - start
  if (status !== 0) throw new Error(`${file} failed with exit code ${status}`)
  return { time, output: stdout }
}
