import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { built } from '../__test__/helpers/compile.ts'
import { ended, stat, within } from '../__test__/helpers/processes.ts'

export interface Kind {
  shape: 'wide' | 'chain' | 'forks'
  processes: number
}

/** What starts a program, and what ends it with all that it has started. */
export interface Killer {
  launch(program: string, args: string[]): ChildProcess
  /** Returns, or resolves, when all signals were sent. */
  kill(root: ChildProcess, processes: number): unknown
}

/** Milliseconds from the call until it was done, and until all were dead (`null`: not all were); and how many were not. */
export interface Killed {
  call: number
  dead: number | null
  left: number
}

interface Tree {
  root: ChildProcess
  pids: number[]
  pgid: number
  /** Resolves to the time at which the last one was dead. */
  over: Promise<number>
}

/** Not its input: Node closes that when the root has ended, and it would tell the others. */
export const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']

/** Starts a tree and has it killed. */
export async function killTree(kind: Kind, { launch, kill }: Killer): Promise<Killed> {
  const tree = await startTree(kind, launch)
  const begin = performance.now()
  const done = kill(tree.root, kind.processes)
  if (done instanceof Promise) await done
  const call = performance.now() - begin
  const over = await within(tree.over, 'the end of the tree').catch(() => null)
  const left = over === null ? living(tree) : []
  left.forEach((pid) => process.kill(pid, 'SIGKILL'))
  await ended(tree.root)
  return { call, dead: over && over - begin, left: left.length }
}

/** Resolves when all are there. */
async function startTree({ shape, processes }: Kind, launch: Killer['launch']): Promise<Tree> {
  const program = built(new URL('./programs/tree.c', import.meta.url), 'benchmark/tree')
  const root = launch(program, [shape, `${processes}`])
  const output = root.stdout!
  // All of them hold it, and the kernel closes it as they die, so it ends with the last one, whoever that is. One event,
  // the same for everyone who kills, and nobody has to look meanwhile.
  const over = new Promise<number>((resolve) => output.once('end', () => resolve(performance.now())))
  const pids: number[] = []
  for await (const line of createInterface(output)) if (pids.push(Number(line)) === processes) break
  if (pids.length < processes) throw new Error(`Only ${pids.length} of ${processes} processes are there`)
  output.resume()
  return { root, pids, pgid: stat(root.pid!)!.pgid, over }
}

function living({ pids, pgid }: Tree): number[] {
  return pids.filter((pid) => {
    const found = stat(pid)
    return found?.pgid === pgid && found.state !== 'Z'
  })
}
