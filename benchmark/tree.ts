import { difference, ratio } from './compare.ts'
import type { Name } from './killers.ts'
import { runProgram } from './program.ts'
import type { Cell, Grid, Report, Row, Unit } from './results.ts'
import { median, middle } from './statistics.ts'
import { subreaper } from './subreaper.ts'
import { type Figures, NAMES } from './tree-cases.ts'
import type { Killed } from './trees.ts'
import { unrelatedProcesses } from './unrelated.ts'

/** Measures the time from the call to the death of all processes of a tree, by SIGKILL. */
export async function tree(): Promise<Report> {
  // Some pid 1 reap late. The zombies of earlier rounds would then slow down the sides that search for orphans.
  const measured = new Map(Object.entries(runProgram<Record<string, Figures>>('trees.ts', subreaper(0))))
  const dead = (what: string, name: Name) => measured.get(what)![name].map(untilDead)
  const against = (theirs: Name, what: string, target?: string, compare = ratio): Row =>
    compare({
      what: `${what}, ${theirs}`,
      unit: 'ms',
      ours: dead(what, 'killtarget'),
      theirs: dead(what, theirs),
      ...(target === undefined ? {} : { target }),
    })
  return {
    title: 'SIGKILL to a tree of processes, until all are dead',
    against: 'the other',
    grids: [
      grid('Until all are dead', measured, untilDead),
      grid('The call', measured, (killed) => killed.call),
      grid('Left alive', measured, (killed) => killed.left, ''),
    ],
    rows: [
      against('process.kill(-pgid)', '10 processes', 'at most 2 ms more', difference),
      against('process.kill(-pgid)', '500 wide', 'at most 2'),
      against('tree-kill', '500 wide', 'at most 0.01'),
      against('process.kill(-pgid)', 'chain of 500', 'at most 1.4'),
      against('process.kill(-pgid)', 'chain of 500 forks', 'at most 1.4'),
      against('tree-kill', 'chain of 500', 'at most 0.04'),
      against('tree-kill', '10, not detached'),
      against('tree-kill', '100, not detached'),
      ...(await unrelatedProcesses()),
    ],
  }
}

function grid(title: string, measured: Map<string, Figures>, of: (killed: Killed) => number, unit: Unit = 'ms'): Grid {
  const cell = (figures: number[]): Cell =>
    figures.length === 0 ? null : { value: median(figures), middle: middle(figures), rounds: figures.length }
  const rows = Array.from(measured, ([what, figures]) => {
    return { what, cells: NAMES.map((name) => cell(figures[name].map(of))) }
  })
  return { title, unit, columns: NAMES, rows }
}

/** JSON has `null` for `Infinity`. */
function untilDead({ dead }: Killed): number {
  return dead ?? Infinity
}
