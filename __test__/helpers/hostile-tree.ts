import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { compiled } from './compile.ts'
import { type Child, ended, pids, stat, until } from './processes.ts'
import { witnessPipe } from './witness-pipe.ts'

/** A running program of `hostile-tree.c`. Start it in a PID namespace only. */
export interface HostileTree {
  root: Child
  /** Returns the descendants of the root that one scan of `/proc` finds. */
  below(): number[]
  /** Returns whether any process of the program is alive, in any group or session. Asks the kernel, as a scan can miss some. */
  isAlive(): boolean
  /** Lets the rest of the program exit, and waits for that. A stopped process cannot exit, so it fails this. */
  end(): Promise<void>
}

/** `detached`: the root leads a session. `grouped`: it leads a group. `plain`: it leads nothing. */
export type Way = 'detached' | 'grouped' | 'plain'

const program = compiled('hostile-tree')

/** `launcher`: what starts the program. `lifetime`: the seconds after which it ends by itself. */
export async function hostileTree(
  kind: string,
  way: Way,
  { launcher = [], lifetime = 60 }: { launcher?: readonly string[]; lifetime?: number } = {},
): Promise<HostileTree> {
  const pipe = witnessPipe()
  const stdio = ['pipe', 'pipe', 'inherit', 'pipe', pipe.writer] as const
  const options = { detached: way === 'detached', stdio: [...stdio] }
  const [file, ...args] = [...launcher, program, kind, String(lifetime), ...(way === 'grouped' ? [way] : [])]
  const root = spawn(file!, args, options) as Child
  pipe.closeWriter()
  await once(root.stdout, 'readable')
  if (root.stdout.read() === null) throw new Error(`${kind} could not start: ${JSON.stringify(await ended(root))}`)
  if (kind === 'stopped') await until(() => living().length > 0 && living().every(isStopped))
  const isAlive = pipe.hasWriters
  return {
    root,
    below: () => below(root.pid),
    isAlive,
    async end() {
      // Every process of the program exits when this pipe closes.
      root.stdio[3]!.destroy()
      await untilExited(isAlive)
      await ended(root)
      pipe.close()
    },
  }
}

/** Waits until no process of the program is alive. The error lists those that are. */
export async function untilExited(isAlive: () => boolean): Promise<void> {
  try {
    await until(() => !isAlive())
  } catch {
    const all = living().map((pid) => `${pid} ${threads(pid).map((thread) => JSON.stringify(stat(thread)))}`)
    throw new Error(`These processes are still alive:\n${all.slice(0, 20).join('\n')}`)
  }
}

/** Returns the processes of the program that are alive. */
export function living(): number[] {
  return pids().filter((pid) => threads(pid).some(runsProgram))
}

export function isStopped(pid: number): boolean {
  return threads(pid).some((thread) => stat(thread)?.state === 'T')
}

/** An exited thread has no program, even if it is the first thread of a process that is alive. */
function runsProgram(thread: number): boolean {
  try {
    return readlinkSync(`/proc/${thread}/exe`) === program
  } catch {
    return false
  }
}

function threads(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}

function below(root: number): number[] {
  const parents = new Map(living().map((pid) => [pid, stat(pid)?.ppid ?? 0]))
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent === root || (parent !== undefined && isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}
