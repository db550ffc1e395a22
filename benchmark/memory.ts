import { runProgram } from './program.ts'
import type { OpenTargets } from './programs/open-targets.ts'
import type { Report, Row } from './results.ts'
import { median } from './statistics.ts'

const RUNS = 5

/** Measures what an open target costs. */
export async function memory(): Promise<Report> {
  // A new process for each run: memory that was used and freed before would hide what targets use.
  const runs = Array.from({ length: RUNS }, () => runProgram<OpenTargets>('open-targets.ts'))
  const { targets, processes } = runs[0]!
  const row = (what: string, unit: Row['unit'], value: (run: OpenTargets) => number): Row => {
    return { what, unit, ours: median(runs.map((run) => value(run))) }
  }
  return {
    title: `${targets.toLocaleString('en')} open targets on ${processes} processes, for each`,
    rows: [
      row('file descriptors', '', ({ fds }) => fds / targets),
      row('JavaScript heap', 'bytes', ({ heap }) => heap / targets),
      row('growth of resident memory', 'bytes', ({ rss }) => rss / targets),
      row('file descriptors still open after close() of all', '', ({ fdsLeft }) => fdsLeft),
    ],
  }
}
