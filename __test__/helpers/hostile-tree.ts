import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readdirSync, readlinkSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { compiled } from './compile.ts'
import { type Child, ended, pids, stat, until } from './processes.ts'

/** A program of `hostile-tree.c` that runs, which is not to be started but in a PID namespace. */
export interface HostileTree {
  root: Child
  /** The descendants of the root, as far as one look can tell. */
  below(): number[]
  /** Whether anybody of the program lives, wherever it has gone. The kernel knows that, who would miss some at a look. */
  isAlive(): boolean
  /** Lets go who is left, and waits for their end. Who has stopped can't go, and fails this. */
  end(): Promise<void>
}

/** `detached`: the root leads a session. `grouped`: it leads a group. `plain`: it leads nothing. */
export type Way = 'detached' | 'grouped' | 'plain'

const program = compiled('hostile-tree')

export async function hostileTree(kind: string, way: Way): Promise<HostileTree> {
  // All of the program have the end of it that is written to until they are over, and nobody else has.
  const { reader, writer } = pipe()
  const stdio = ['pipe', 'pipe', 'inherit', 'pipe', writer] as const
  const options = { detached: way === 'detached', stdio: [...stdio] }
  const args = [kind, '60', ...(way === 'grouped' ? [way] : [])]
  const root = spawn(program, args, options) as Child
  closeSync(writer)
  await once(root.stdout, 'readable')
  if (root.stdout.read() === null) throw new Error(`It could not start: ${JSON.stringify(await ended(root))}`)
  if (kind === 'stopped') await until(() => stat(root.pid)?.state === 'T')
  const isAlive = () => hasWriters(reader)
  return {
    root,
    below: () => below(root.pid),
    isAlive,
    async end() {
      // The leash.
      root.stdio[3]!.destroy()
      await untilOver(isAlive)
      await ended(root)
      closeSync(reader)
    },
  }
}

/** Waits until nobody of the program lives. Who does is in the error. */
export async function untilOver(isAlive: () => boolean): Promise<void> {
  try {
    await until(() => !isAlive())
  } catch {
    const all = living().map((pid) => `${pid} ${threads(pid).map((thread) => JSON.stringify(stat(thread)))}`)
    throw new Error(`These live on:\n${all.slice(0, 20).join('\n')}`)
  }
}

/** Those of the program who live. */
export function living(): number[] {
  return pids().filter((pid) => threads(pid).some(runsProgram))
}

export function isStopped(pid: number): boolean {
  return threads(pid).some((thread) => stat(thread)?.state === 'T')
}

/** A thread that is over has no program any more, be it the first one of a process that lives. */
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

function pipe(): { reader: number; writer: number } {
  const folder = mkdtempSync(`${tmpdir()}/killtarget-`)
  const path = `${folder}/pipe`
  spawnSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY)
  rmSync(folder, { recursive: true })
  return { reader, writer }
}

/** There is nothing to be read: an end, or, while there may be something yet, the error of a read that would block. */
function hasWriters(reader: number): boolean {
  try {
    readSync(reader, Buffer.alloc(1))
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return true
    throw error
  }
}
