import type { SpawnOptions } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { type Child, line, start, stat } from './processes.ts'

/** Processes that were started as a tree. */
export interface Tree {
  /** What Node has started. */
  root: Child
  /** Everyone, the root first. */
  pids: number[]
  /** The only one of that name, or the first. */
  pid(name: string): number
  /** All of that name. */
  named(name: string): number[]
}

/** When those of trees were started: on a machine that is busy their numbers are others' soon. */
const started = new Map<number, number | undefined>()

/** Starts a tree as it is described (see `tree.c`). All are there when this resolves. */
export async function tree(
  t: Pick<ExecutionContext, 'teardown'>,
  description: string,
  options?: SpawnOptions,
): Promise<Tree> {
  return planted(start(t, compiled('tree'), [description], options))
}

/** The tree of a child that runs `tree.c`, or has it run with the same output. */
export async function planted(root: Child): Promise<Tree> {
  const found: [name: string, pid: number][] = []
  for (;;) {
    const [name, pid] = (await line(root)).split(' ') as [string, string]
    if (name === 'ready') break
    found.push([name, Number(pid)])
  }
  for (const [, pid] of found) started.set(pid, stat(pid)?.startTime)
  const named = (name: string) => found.flatMap(([other, pid]) => (other === name ? [pid] : []))
  return { root, pids: found.map(([, pid]) => pid), named, pid: (name) => named(name)[0]! }
}

/** Those that are not over. */
export function living(pids: readonly number[]): number[] {
  return pids.filter((pid) => !isOver(pid))
}

/** Whether nobody has the number, or a zombie, or another than the one of a tree that had it. */
export function isOver(pid: number): boolean {
  const seen = stat(pid)
  if (seen === undefined || seen.state === 'Z' || seen.state === 'X') return true
  return started.has(pid) && started.get(pid) !== seen.startTime
}
