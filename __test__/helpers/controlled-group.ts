import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { type Child, number, start } from './processes.ts'

/** A process group. All members are children of one parent. The parent is in another group and reaps on request. */
export interface ControlledGroup {
  parent: Child
  leader: number
  /** All members, the leader first. */
  members: number[]
  /** Waits until a member exits and reaps it. Resolves to its status, as wait(2) encodes it. */
  reap(pid: number): Promise<number>
  /** Moves a member to the parent's group. */
  expel(pid: number): Promise<void>
}

/** The user id with the fewest rights, by convention. */
export const NOBODY = 65_534

/** Stands for the user of this process. */
export const OURS = -1

/** Starts one member for each user. The first one leads the group. */
export async function controlledGroup(
  t: Pick<ExecutionContext, 'teardown'>,
  users: readonly number[],
): Promise<ControlledGroup> {
  const parent = start(t, compiled('controlled-group'), users.map(String))
  const members: number[] = []
  for (const _ of users) members.push(await number(parent))
  const tell = (command: string, pid: number) => {
    parent.stdin.write(`${command} ${pid}\n`)
    return number(parent)
  }
  return {
    parent,
    leader: members[0]!,
    members,
    reap: (pid) => tell('reap', pid),
    async expel(pid) {
      if ((await tell('expel', pid)) !== 0) throw new Error(`Process ${pid} could not be moved to another group`)
    },
  }
}
