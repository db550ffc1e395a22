import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { OURS } from './controlled-group.ts'
import { type Child, ended, number, start, stat, until } from './processes.ts'

/** A parent that starts children and reaps them on request. */
export interface ChildFactory {
  parent: Child
  /** Starts a child that exits with the code when it gets SIGUSR1. */
  start(code: number, user?: number): Promise<number>
  /** Waits until a child exits and reaps it. Resolves to its status, as wait(2) encodes it. */
  reap(pid: number): Promise<number>
  /** From now on the parent reaps each child as soon as it exits. */
  reapAll(): Promise<void>
  /** Makes the parent exit. Resolves when the kernel has reparented the child. */
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
        // The mark cannot be read from another user's environment, and an orphan has none of our processes as its parent.
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
      await until(() => stat(pid)?.ppid !== parent.pid, 'the kernel to reparent the orphan')
    },
  }
}
