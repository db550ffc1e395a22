import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { stdio } from './trees.ts'

// The only method that execa 10 needs and Node 20 lacks.
interface Unitable extends Set<unknown> {
  union?(other: Set<unknown>): Set<unknown>
}
const sets: Unitable = Set.prototype
sets.union ??= function union(this: Set<unknown>, other) {
  return new Set([...this, ...other])
}

const { execa } = await import('execa-10')

/** The subprocess of execa is a `ChildProcess` of Node and also a promise, which is not awaited. */
export function launchByExeca(program: string, args: string[]): ChildProcess {
  const child: unknown = execa(program, args, { killDescendants: true, stdio, buffer: false, reject: false })
  return child as ChildProcess
}

/** The same with options of Node's `spawn`. execa kills the descendants only if it is told to. */
export function spawnByExeca(program: string, args: string[], options: SpawnOptions, kill: Descendants): ChildProcess {
  const { stdio: streams, detached = false } = options
  const own = { ...kill, detached, stdio: streams as 'pipe', buffer: false, reject: false } as const
  const child: unknown = execa(program, args, own)
  return child as ChildProcess
}

export interface Descendants {
  killDescendants: boolean
}
