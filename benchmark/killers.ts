import { type ChildProcess, spawn } from 'node:child_process'
import killSync from 'kill-sync'
import { terminate, terminateSync, type Termination } from 'killtarget'
import { pidtree } from 'pidtree'
import treeKill from 'tree-kill'
import { launchByExeca } from './execa.ts'
import { type Killer, stdio } from './trees.ts'

const options = { scope: 'tree', grace: 0 } as const

const detached = (program: string, args: string[]) => spawn(program, args, { detached: true, stdio })

/** Each package, used as its documentation says. */
export const killers = {
  killtarget: { launch: detached, kill: async (root, processes) => check(await terminate(root, options), processes) },
  'killtarget, sync': { launch: detached, kill: (root, processes) => check(terminateSync(root, options), processes) },
  'process.kill(-pgid)': { launch: detached, kill: ({ pid }) => process.kill(-pid!, 'SIGKILL') },
  execa: { launch: launchByExeca, kill: (root) => root.kill('SIGKILL') },
  'kill-sync': { launch: detached, kill: ({ pid }) => killSync(pid!, 'SIGKILL', true) },
  pidtree: { launch: detached, kill: byPidtree },
  'tree-kill': { launch: detached, kill: byTreeKill },
} satisfies Record<string, Killer>

export type Name = keyof typeof killers

/** Starts a child that leads no group, as most children are. */
export function notDetached({ kill }: Killer): Killer {
  return { launch: (program, args) => spawn(program, args, { stdio }), kill }
}

function check({ outcome, ended }: Termination, processes: number): void {
  if (outcome !== 'killed' || ended !== processes)
    throw new Error(`${outcome}: ${ended} of ${processes} processes have exited`)
}

async function byPidtree({ pid }: ChildProcess): Promise<void> {
  for (const member of await pidtree(pid!, { root: true })) process.kill(member, 'SIGKILL')
}

function byTreeKill({ pid }: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    treeKill(pid!, 'SIGKILL', (error) => (error ? reject(error) : resolve()))
  })
}
