import { bystanders } from './bystanders.ts'
import { difference, ratio } from './compare.ts'
import { type Name, killers, plain } from './killers.ts'
import type { Cell, Grid, Report, Row, Unit } from './report.ts'
import { median, middle } from './statistics.ts'
import { type Killed, type Kind, killTree } from './trees.ts'
import { inTurns } from './turns.ts'

interface Case extends Kind {
  what: string
  rounds: number
  /** Of those that take long, and 0 of those that are left out. */
  turns?: Partial<Record<Name, number>>
  /** In the group of this process, as most children are: it can't be killed by its group then. */
  plain?: true
}

type Figures = Record<Name, Killed[]>

const NAMES = Object.keys(killers) as Name[]

const noGroup = { plain: true, turns: { 'process.kill(-pgid)': 0, execa: 0 } } as const
const onlyGroup = { execa: 0, 'kill-sync': 0, pidtree: 0, 'tree-kill': 0 }

const cases: Case[] = [
  { what: '1 process', shape: 'wide', processes: 1, rounds: 30 },
  { what: '10 processes', shape: 'wide', processes: 10, rounds: 30, turns: { 'tree-kill': 10 } },
  { what: '100 wide', shape: 'wide', processes: 100, rounds: 15, turns: { 'tree-kill': 3 } },
  { what: '500 wide', shape: 'wide', processes: 500, rounds: 10, turns: { 'tree-kill': 2 } },
  { what: 'chain of 100', shape: 'chain', processes: 100, rounds: 15, turns: { 'tree-kill': 3 } },
  { what: 'chain of 500', shape: 'chain', processes: 500, rounds: 8, turns: { 'tree-kill': 2 } },
  { what: 'chain of 500 forks', shape: 'forks', processes: 500, rounds: 5, turns: onlyGroup },
  { what: '10, not detached', shape: 'wide', processes: 10, rounds: 20, ...noGroup },
  { what: '100, not detached', shape: 'wide', processes: 100, rounds: 10, ...noGroup },
]

/** From the call until all of a tree are dead, by SIGKILL. */
export async function tree(): Promise<Report> {
  const measured = new Map<string, Figures>()
  for (const each of cases) measured.set(each.what, await measure(each))
  const dead = (what: string, name: Name) => measured.get(what)![name].map((killed) => killed.dead)
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
      grid('Until all are dead', measured, (killed) => killed.dead),
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
      ...(await bystanders()),
    ],
  }
}

function measure({ rounds, turns, plain: isPlain, ...kind }: Case): Promise<Figures> {
  const sides = NAMES.map((name) => {
    const killer = isPlain ? plain(killers[name]) : killers[name]
    return [name, () => killTree(kind, killer)]
  })
  return inTurns(Object.fromEntries(sides) as Record<Name, () => Promise<Killed>>, rounds, turns)
}

function grid(title: string, measured: Map<string, Figures>, of: (killed: Killed) => number, unit: Unit = 'ms'): Grid {
  const cell = (figures: number[]): Cell =>
    figures.length === 0 ? null : { value: median(figures), middle: middle(figures), rounds: figures.length }
  const rows = Array.from(measured, ([what, figures]) => {
    return { what, cells: NAMES.map((name) => cell(figures[name].map(of))) }
  })
  return { title, unit, columns: NAMES, rows }
}
