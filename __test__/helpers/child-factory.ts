import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { OURS } from './controlled-group.ts'
import { type Child, ended, number, start, stat, until } from './processes.ts'

/** A parent that starts children for us, and reaps them when it is told to. */
export interface ChildFactory {
  parent: Child
  /** A child that exits with the code at a SIGUSR1. */
  start(code: number, user?: number): Promise<number>
  /** Waits for the end of a child. Resolves to its status, as wait(2) has it. */
  reap(pid: number): Promise<number>
  /** From now on children are reaped as soon as they end. */
  reapAll(): Promise<void>
  /** The parent ends, and its children are somebody else's. */
  orphan(pid: number): Promise<void>
}

export function childFactory(t: Pick<ExecutionContext, 'teardown'>): ChildFactory {
  const parent = start(t, compiled('child-factory'))
  const tell = (command: string) => {
    parent.stdin.write(`${command}\n`)
    return number(parent)
  }
  return {
    parent,
    async start(code, user = OURS) {
      const pid = await tell(`start ${user} ${code}`)
      t.teardown(() => {
        // Another user's environment can't be read by everybody, and an orphan has no parent of ours.
        if (stat(pid) !== undefined) process.kill(pid, 'SIGKILL')
      })
      return pid
    },
    reap: (pid) => tell(`reap ${pid}`),
    async reapAll() {
      await tell('reap 0')
    },
    async orphan(pid) {
      parent.stdin.end()
      await ended(parent)
      await until(() => stat(pid)?.ppid !== parent.pid, 'the orphan to be adopted')
    },
  }
}
