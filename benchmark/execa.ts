import type { ChildProcess } from 'node:child_process'
import { stdio } from './trees.ts'

// All that execa 10 misses in Node 20 here.
interface Unitable extends Set<unknown> {
  union?(other: Set<unknown>): Set<unknown>
}
const sets: Unitable = Set.prototype
sets.union ??= function union(this: Set<unknown>, other) {
  return new Set([...this, ...other])
}

const { execa } = await import('execa-10')

/** What execa starts is a child process of Node, and a promise besides. That is not waited for. */
export function launchByExeca(program: string, args: string[]): ChildProcess {
  const child: unknown = execa(program, args, { killDescendants: true, stdio, buffer: false, reject: false })
  return child as ChildProcess
}
