import { ratio } from './compare.ts'
import { runProgram } from './program.ts'
import type { Waited } from './programs/wait.ts'
import type { Report, Row } from './results.ts'
import { median } from './statistics.ts'

const RUNS = 9

/** What waits cost that are pending, and how long it takes until all are over. */
export async function waits(): Promise<Report> {
  // Each time in a process of its own, for the same reason as in `memory`.
  const runs = Array.from({ length: RUNS }, () => runProgram<Waited>('wait.ts'))
  const { waits: count, processes, rest } = runs[0]!
  const figures = (value: (waited: Waited) => number) => runs.map((waited) => value(waited))
  const row = (what: string, unit: Row['unit'], value: (waited: Waited) => number, target?: string): Row => {
    return { what, unit, ours: median(figures(value)), ...(target === undefined ? {} : { target }) }
  }
  return {
    title: `${count.toLocaleString('en')} waits at once, for ${processes.toLocaleString('en')} processes`,
    against: 'the shell that reaps them',
    rows: [
      row('threads', '', ({ threads }) => threads, '1'),
      row('file descriptors, beside those of the targets', '', ({ fds }) => fds),
      row("used of JavaScript's heap, for each", 'bytes', ({ heap }) => heap / count),
      row('growth of resident memory, for each', 'bytes', ({ rss }) => rss / count),
      row(`wake-ups in ${rest} ms at rest`, '', ({ woken }) => woken, '0'),
      row('CPU time of the thread in these', 'ns', ({ busy }) => busy, '0'),
      ratio({
        what: 'until all were told that all processes have ended',
        unit: 'ms',
        ours: figures(({ told }) => told),
        theirs: figures(({ reaped }) => reaped),
      }),
    ],
  }
}
