import { killers, type Name, notDetached } from './killers.ts'
import { type Killed, type Kind, killTree } from './trees.ts'
import { inTurns } from './turns.ts'

export interface Case extends Kind {
  what: string
  rounds: number
  /** The rounds of sides that take long. 0 leaves a side out. */
  turns?: Partial<Record<Name, number>>
  /** Starts the tree in the process group of this process, as most children are. It cannot be killed by its group then. */
  notDetached?: true
}

export type Figures = Record<Name, Killed[]>

export const NAMES = Object.keys(killers) as Name[]

const noGroup = { notDetached: true, turns: { 'process.kill(-pgid)': 0, execa: 0 } } as const
const onlyGroup = { execa: 0, 'kill-sync': 0, pidtree: 0, 'tree-kill': 0 }

export const cases: Case[] = [
  { what: '1 process', shape: 'wide', processes: 1, rounds: 30 },
  { what: '10 processes', shape: 'wide', processes: 10, rounds: 30, turns: { 'tree-kill': 10 } },
  { what: '100 wide', shape: 'wide', processes: 100, rounds: 15, turns: { 'tree-kill': 3 } },
  { what: '500 wide', shape: 'wide', processes: 500, rounds: 10, turns: { 'tree-kill': 2 } },
  { what: 'chain of 100', shape: 'chain', processes: 100, rounds: 15, turns: { 'tree-kill': 3 } },
  { what: 'chain of 500', shape: 'chain', processes: 500, rounds: 8, turns: { 'tree-kill': 2 } },
  { what: 'chain of 500 forks', shape: 'forks', processes: 500, rounds: 7, turns: onlyGroup },
  { what: '10, not detached', shape: 'wide', processes: 10, rounds: 20, ...noGroup },
  { what: '100, not detached', shape: 'wide', processes: 100, rounds: 10, ...noGroup },
]

export function measure({ rounds, turns, notDetached: isNotDetached, ...kind }: Case): Promise<Figures> {
  const sides = NAMES.map((name) => {
    const killer = isNotDetached ? notDetached(killers[name]) : killers[name]
    return [name, () => killTree(kind, killer)]
  })
  return inTurns(Object.fromEntries(sides) as Record<Name, () => Promise<Killed>>, rounds, turns)
}
