import { built, compiled } from '../__test__/helpers/compile.ts'

/** A program that resists its end. It expires by itself. */
export interface Program {
  what: string
  file: string
  args: string[]
  /** The lines that it writes until all of its processes are running. */
  lines: number
  /** Whether it leads a session of its own. */
  detached: boolean
}

/** Seconds, longer than any trial. */
const LIFETIME = '60'

export function programs(): Program[] {
  return [
    idle('50 children', 'wide', 50),
    idle('chain of 20', 'chain', 20),
    hostile('ignores SIGTERM', 'ignores-sigterm'),
    hostile('fork storm', 'storm'),
    hostile('supervisor', 'supervisor'),
    hostile('orphans', 'reparented'),
    hostile('comets', 'comet'),
    hostile('daemon', 'daemon'),
    hostile('orphans, not detached', 'reparented', false),
    hostile('comets, not detached', 'comet', false),
  ]
}

/** These die at once, but not by a signal to the root. The larger ones of the hostile programs keep tree-kill busy for long. */
function idle(what: string, shape: string, processes: number): Program {
  const file = built(new URL('./programs/tree.c', import.meta.url), 'benchmark/tree')
  return { what, file, args: [shape, String(processes)], lines: processes, detached: true }
}

function hostile(what: string, kind: string, detached = true): Program {
  return { what, file: compiled('hostile-tree'), args: [kind, LIFETIME], lines: 1, detached }
}

/** Each way to kill, and the package whose version counts. */
export const KILLERS = {
  execa: 'execa-10',
  'execa, `killDescendants`': 'execa-10',
  '`process.kill(-pid)`': 'node',
  'tree-kill': 'tree-kill',
  'kill-sync': 'kill-sync',
  pidtree: 'pidtree',
  zx: 'zx',
  fkill: 'fkill',
  'killtarget `terminate()`': 'killtarget',
  'killtarget `spawn()`': 'killtarget',
} as const

export type KillerName = keyof typeof KILLERS

/** Only a process that leads a group can be killed by it. */
export function applies(killer: KillerName, { detached }: Program): boolean {
  return detached || killer !== '`process.kill(-pid)`'
}
