import { inNamespace, noPidNamespace } from '../__test__/helpers/namespace.ts'
import { difference } from './compare.ts'
import type { Late } from './programs/threads.ts'
import type { Report, Row } from './results.ts'
import { median } from './statistics.ts'
import { inTurns } from './turns.ts'

const THREADS = 20_000
const ROUNDS = 5

const title = `20 terminations beside a tree with ${THREADS.toLocaleString('en')} threads in its grace`

/** Measures what a tree with very many threads delays. All runs in PID namespaces, so it exits with these. */
export async function threads(): Promise<Report> {
  if (noPidNamespace !== null) return { title, rows: [] }
  const { many, one, byHand } = await inTurns(
    { many: run(THREADS, 'package'), one: run(1, 'package'), byHand: run(THREADS, 'hand') },
    ROUNDS,
  )
  const row = (what: string, value: keyof Late, other: Late[], target?: string): Row => {
    const [ours, theirs] = [many.map((late) => late[value]), other.map((late) => late[value])]
    return difference({ what, unit: 'ms', ours, theirs, ...(target === undefined ? {} : { target }) })
  }
  return {
    title,
    against: 'the other',
    rows: [
      row('the latest SIGKILL of 20, after its grace; beside 1 thread', 'signal', one, 'at most 250 ms more'),
      row('the longest pause of JavaScript meanwhile; beside 1 thread', 'pause', one, 'at most 100 ms more'),
      row('the same while the threads end; by process.kill()', 'lastPause', byHand),
      { what: 'descendants() of that tree', unit: 'ms', ours: median(many.map((late) => late.descendants)) },
    ],
  }
}

function run(count: number, how: 'package' | 'hand'): () => Promise<Late> {
  const options = { args: [String(count), how], timeout: 300_000 }
  return () => inNamespace<Late>('../../benchmark/programs/threads.ts', options)
}
