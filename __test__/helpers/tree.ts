import type { SpawnOptions } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { type Child, line, start, stat } from './processes.ts'

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

/** The start times of the trees' processes. On a busy machine the kernel soon reuses their pids. */
const started = new Map<number, number | undefined>()

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
  noteStart(found.map(([, pid]) => pid))
  const named = (name: string) => found.flatMap(([other, pid]) => (other === name ? [pid] : []))
  return { root, pids: found.map(([, pid]) => pid), named, pid: (name) => named(name)[0]! }
}

/** Notes when processes were started, so that later ones with their pids are told from them. */
export function noteStart(pids: readonly number[]): void {
  for (const pid of pids) started.set(pid, stat(pid)?.startTime)
}

/** Returns the processes that have not exited. */
export function living(pids: readonly number[]): number[] {
  return pids.filter((pid) => !hasExited(pid))
}

/** Returns whether a process whose start was noted has exited: no process or a zombie has its pid, or another process reuses it. */
export function hasExited(pid: number): boolean {
  const seen = stat(pid)
  if (seen === undefined || seen.state === 'Z' || seen.state === 'X') return true
  return started.has(pid) && started.get(pid) !== seen.startTime
}
