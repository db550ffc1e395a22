import type { ExecutionContext } from 'ava'
import treeKill from 'killtarget/tree-kill'
import { type Child, number, shell, within } from './processes.ts'

export type TreeKill = typeof treeKill

/** A process, its child and its grandchild. Each stays alive when its descendants exit. */
export interface Tree {
  root: Child
  pids: number[]
}

export async function tree(t: Pick<ExecutionContext, 'teardown'>): Promise<Tree> {
  const root = shell(t, `sh -c 'sleep 60 & echo $!; wait; exec sleep 60' & echo $!; wait; exec sleep 60`)
  return { root, pids: [root.pid, await number(root), await number(root)] }
}

/** Resolves to the arguments of the callback. */
export function callbackArguments(
  kill: TreeKill,
  pid: number | string,
  signal?: string | number | null,
): Promise<unknown[]> {
  const called = new Promise<unknown[]>((resolve) => {
    // Callers without types pass a string from the command line, or null in place of a signal.
    kill(pid as number, signal as string, (...args) => resolve(args))
  })
  return within(called, 'the callback')
}
