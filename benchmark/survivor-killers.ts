import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import type { Termination } from 'killtarget'
import type { Descendants } from './execa.ts'
import type { KillerName } from './survivor-cases.ts'

/** Starts a program, and kills it with all that it has started. Returns its report, if it makes one. */
export interface TrialKiller {
  launch(file: string, args: string[], options: SpawnOptions): ChildProcess
  kill(pid: number, child: ChildProcess): Promise<string | undefined> | string | undefined
}

type Kill = TrialKiller['kill']

const options = { grace: 0 } as const

/** Each package, used as its documentation says. A trial loads only its own. */
const killers: Record<KillerName, () => Promise<TrialKiller>> = {
  execa: () => execa({ killDescendants: false }),
  'execa, `killDescendants`': () => execa({ killDescendants: true }),
  '`process.kill(-pid)`': async () => plain((pid) => done(process.kill(-pid, 'SIGKILL'))),
  async 'tree-kill'() {
    const { default: treeKill } = await import('tree-kill')
    return plain(
      (pid) =>
        new Promise((resolve) => treeKill(pid, 'SIGKILL', (error) => resolve(error && `error: ${error.message}`))),
    )
  },
  async 'kill-sync'() {
    const { default: killSync } = await import('kill-sync')
    return plain((pid) => done(killSync(pid, 'SIGKILL', true)))
  },
  async pidtree() {
    const { pidtree } = await import('pidtree')
    return plain(async (pid) => {
      for (const member of await pidtree(pid, { root: true })) killUnlessGone(member)
      return undefined
    })
  },
  async zx() {
    const { kill } = await import('zx')
    return plain(async (pid) => done(await kill(pid, 'SIGKILL')))
  },
  async fkill() {
    const { default: fkill } = await import('fkill')
    return plain(async (pid) => done(await fkill(pid, { force: true })))
  },
  async 'killtarget `terminate()`'() {
    const { terminate } = await import('killtarget')
    return plain(async (_, child) => reportOf(await terminate(child, options)))
  },
  async 'killtarget `spawn()`'() {
    const { spawn: contained } = await import('killtarget')
    return {
      launch: (file, args, settings) => contained(file, args, settings as object),
      kill: async (_, child) => reportOf(await (child as ReturnType<typeof contained>).target!.terminate(options)),
    }
  },
}

export function killerOf(name: KillerName): Promise<TrialKiller> {
  return killers[name]()
}

function plain(kill: Kill): TrialKiller {
  return { launch: (file, args, settings) => spawn(file, args, settings), kill }
}

async function execa(how: Descendants): Promise<TrialKiller> {
  const { spawnByExeca } = await import('./execa.ts')
  return {
    launch: (file, args, settings) => spawnByExeca(file, args, settings, how),
    kill: (_, child) => done(child.kill('SIGKILL')),
  }
}

/** These report nothing: what they return is no account of survivors. */
const done = (_result: unknown): undefined => undefined

/** A process of the list may have exited. */
function killUnlessGone(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function reportOf({ outcome, survivors, proof }: Termination): string {
  return `${outcome}, ${survivors.length} survivors, ${proof}`
}
