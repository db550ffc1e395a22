import { runProgram } from './program.ts'
import type { Held } from './programs/hold.ts'
import type { Report, Row } from './results.ts'
import { median } from './statistics.ts'

const RUNS = 5

/** What an open target costs while it is open. */
export async function memory(): Promise<Report> {
  // Each time in a process of its own: memory that something else has used and freed would hide what targets use.
  const runs = Array.from({ length: RUNS }, () => runProgram<Held>('hold.ts'))
  const { targets, processes } = runs[0]!
  const row = (what: string, unit: Row['unit'], value: (held: Held) => number): Row => {
    return { what, unit, ours: median(runs.map((held) => value(held))) }
  }
  return {
    title: `${targets.toLocaleString('en')} open targets on ${processes} processes, for each`,
    rows: [
      row('file descriptors', '', ({ fds }) => fds / targets),
      row("used of JavaScript's heap", 'bytes', ({ heap }) => heap / targets),
      row('growth of resident memory', 'bytes', ({ rss }) => rss / targets),
      row('file descriptors left by all after close()', '', ({ fdsLeft }) => fdsLeft),
    ],
  }
}
