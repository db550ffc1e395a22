export type LaneName = 'pid' | 'target'

export interface Step {
  name: string
  /** What has pid 4711. */
  holder: 'server' | 'nothing' | 'database'
  server: 'running' | 'zombie' | 'reaped'
  /** What the step does, as text with `code`. */
  text: string | Record<LaneName, string>
}

export const LANES: Record<LaneName, { title: string; held: string; call: string }> = {
  pid: { title: 'By pid', held: '4711', call: 'process.kill(4711)' },
  target: { title: 'By target', held: 'target', call: 'target.terminate()' },
}

/** The race of a late cancel, in the words of the README. */
export const STEPS: Step[] = [
  {
    name: 'Start',
    holder: 'server',
    server: 'running',
    text: {
      pid: "`child = spawn('server')`: pid 4711 is your server. Your program keeps the pid.",
      target:
        "`child = spawn('server')`: pid 4711 is your server. `KillTarget.fromChild(child)` opens the process itself.",
    },
  },
  {
    name: 'Crash',
    holder: 'server',
    server: 'zombie',
    text: 'Your server crashes. It is a zombie, and keeps pid 4711.',
  },
  {
    name: 'Reap',
    holder: 'nothing',
    server: 'reaped',
    text: 'Node, the parent, reaps it. 4711 is free.',
  },
  {
    name: 'Reuse',
    holder: 'database',
    server: 'reaped',
    text: 'A database starts, and gets pid 4711.',
  },
  {
    name: 'Cancel',
    holder: 'database',
    server: 'reaped',
    text: {
      pid: '`process.kill(4711)`: the database is dead.',
      target:
        "`target.terminate()` finds that its process is gone, and signals nothing: `outcome: 'gone'`. The database lives on.",
    },
  },
]

export const LAST = STEPS.length - 1

export function textOf(step: Step, lane: LaneName): string {
  return typeof step.text === 'string' ? step.text : step.text[lane]
}
