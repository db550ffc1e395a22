import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { difference } from './compare.ts'
import type { Report } from './results.ts'
import { median } from './statistics.ts'

const PAIRS = 60

/** What loading the package adds to the life of a Node process. */
export async function require(): Promise<Report> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  const [all, found]: [Timed[], Timed[]] = [[], []]
  run('require') // from the disk into memory
  for (let pair = 0; pair < PAIRS; pair++) {
    const first = pair % 2 === 0
    if (first) ours.push(run('require').time)
    theirs.push(run('empty').time)
    if (!first) ours.push(run('require').time)
    all.push(timed('killtarget'))
    found.push(timed('killtarget/package.json'))
  }
  return {
    title: `a Node process that requires the package, ${PAIRS} pairs`,
    against: 'empty script',
    rows: [
      difference({ what: 'start to end of the process', unit: 'ms', ours, theirs, target: 'under 3 ms more' }),
      { what: 'require() as timed inside', unit: 'ms', ours: median(all.map(({ time }) => time)) },
      { what: 'its CPU time', unit: 'ms', ours: median(all.map(({ cpu }) => cpu)) },
      // What any package costs that has `exports`: to be found by its name, and one file that is read.
      { what: 'of that, for its package.json alone', unit: 'ms', ours: median(found.map(({ cpu }) => cpu)) },
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
  if (status !== 0) throw new Error(`${file} failed`)
  return { time, output: stdout }
}
