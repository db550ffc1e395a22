import { ratio } from './compare.ts'
import { runProgram } from './program.ts'
import type { Waited } from './programs/wait.ts'
import type { Report, Row } from './results.ts'
import { median } from './statistics.ts'

const RUNS = 9

/** Measures what pending waits cost, and how long it takes until all have completed. */
export async function waits(): Promise<Report> {
  // A new process for each run, as in `memory`.
  const runs = Array.from({ length: RUNS }, () => runProgram<Waited>('wait.ts'))
  const { waits: count, processes, idle } = runs[0]!
  const figures = (value: (waited: Waited) => number) => runs.map((waited) => value(waited))
  const row = (what: string, unit: Row['unit'], value: (waited: Waited) => number, target?: string): Row => {
    return { what, unit, ours: median(figures(value)), ...(target === undefined ? {} : { target }) }
  }
  return {
    title: `${count.toLocaleString('en')} waits at once, for ${processes.toLocaleString('en')} processes`,
    against: 'the shell that reaps them',
    rows: [
      row('threads', '', ({ threads }) => threads, '1'),
      row('file descriptors, besides those of the targets', '', ({ fds }) => fds),
      row('JavaScript heap, for each', 'bytes', ({ heap }) => heap / count),
      row('growth of resident memory, for each', 'bytes', ({ rss }) => rss / count),
      row(`wake-ups of the thread in ${idle} idle ms`, '', ({ wakeUps }) => wakeUps, '0'),
      row('its CPU time in these', 'ns', ({ cpuTime }) => cpuTime, '0'),
      ratio({
        what: 'from the exit of all processes until all waits have completed',
        unit: 'ms',
        ours: figures(({ completed }) => completed),
        theirs: figures(({ reaped }) => reaped),
      }),
    ],
  }
}
