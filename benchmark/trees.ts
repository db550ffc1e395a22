import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { built } from '../__test__/helpers/compile.ts'
import { ended, stat, within } from '../__test__/helpers/processes.ts'

export interface Kind {
  shape: 'wide' | 'chain' | 'forks'
  processes: number
}

/** Starts a program, and kills it with everything that it has started. */
export interface Killer {
  launch(program: string, args: string[]): ChildProcess
  /** Returns or resolves when all signals are sent. */
  kill(root: ChildProcess, processes: number): unknown
}

export interface Killed {
  /** Milliseconds from the call to its completion. */
  call: number
  /** Milliseconds from the call to the death of all processes. `null`: some are still alive. */
  dead: number | null
  /** How many processes are still alive. */
  left: number
}

interface Tree {
  root: ChildProcess
  pids: number[]
  pgid: number
  /** Resolves to the time of the last death. */
  allDead: Promise<number>
}

/** stdin is ignored: Node closes a pipe when the root exits, and the other processes would notice. */
export const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']

/** Starts a tree and kills it. */
export async function killTree(kind: Kind, { launch, kill }: Killer): Promise<Killed> {
  const tree = await startTree(kind, launch)
  const begin = performance.now()
  const done = kill(tree.root, kind.processes)
  if (done instanceof Promise) await done
  const call = performance.now() - begin
  const time = await within(tree.allDead, 'the death of the tree').catch(() => null)
  const left = time === null ? living(tree) : []
  left.forEach((pid) => process.kill(pid, 'SIGKILL'))
  await ended(tree.root)
  return { call, dead: time && time - begin, left: left.length }
}

/** Resolves when all processes have started. */
async function startTree({ shape, processes }: Kind, launch: Killer['launch']): Promise<Tree> {
  const program = built(new URL('./programs/tree.c', import.meta.url), 'benchmark/tree')
  const root = launch(program, [shape, `${processes}`])
  const output = root.stdout!
  // Every process of the tree has the pipe open, and the kernel closes it when a process dies. So the pipe ends with the
  // last one. This event is the same for all sides, and nothing has to poll.
  const allDead = new Promise<number>((resolve) => output.once('end', () => resolve(performance.now())))
  const pids: number[] = []
  for await (const line of createInterface(output)) if (pids.push(Number(line)) === processes) break
  if (pids.length < processes) throw new Error(`Only ${pids.length} of ${processes} processes have started`)
  output.resume()
  return { root, pids, pgid: stat(root.pid!)!.pgid, allDead }
}

function living({ pids, pgid }: Tree): number[] {
  return pids.filter((pid) => {
    const found = stat(pid)
    return found?.pgid === pgid && found.state !== 'Z'
  })
}
