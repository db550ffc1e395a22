import type { SpawnOptions } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { type Child, hasExited, line, noteStart, start } from './processes.ts'

/** Processes that a test started as a tree. */
export interface Tree {
  /** The process that Node started. */
  root: Child
  /** All processes, the root first. */
  pids: number[]
  /** Returns the first process of that name. */
  pid(name: string): number
  /** Returns all processes of that name. */
  named(name: string): number[]
}

/** Starts the tree of a description (see `tree.c`). All of its processes are running when this resolves. */
export async function tree(
  t: Pick<ExecutionContext, 'teardown'>,
  description: string,
  options?: SpawnOptions,
): Promise<Tree> {
  return readTree(start(t, compiled('tree'), [description], options))
}

/** Reads the tree of a child that runs `tree.c`, or that starts it with its own output. */
export async function readTree(root: Child): Promise<Tree> {
  const found: [name: string, pid: number][] = []
  for (;;) {
    const [name, pid] = (await line(root)).split(' ') as [string, string]
    if (name === 'ready') break
    found.push([name, Number(pid)])
  }
  for (const [, pid] of found) noteStart(pid)
  const named = (name: string) => found.flatMap(([other, pid]) => (other === name ? [pid] : []))
  return { root, pids: found.map(([, pid]) => pid), named, pid: (name) => named(name)[0]! }
}

/** Starts so many orphans of pid 1, and returns their pids. They hold a pipe that keeps a runtime from exiting by itself. */
export async function bystanders(t: Pick<ExecutionContext, 'teardown'>, count: number): Promise<number[]> {
  if (count === 0) return []
  const { pids } = await tree(t, `x:root(${count}*one)`)
  return pids.slice(1)
}

/** Returns the processes that have not exited. */
export function living(pids: readonly number[]): number[] {
  return pids.filter((pid) => !hasExited(pid))
}
