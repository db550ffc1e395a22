import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { type Child, number, start } from './processes.ts'

/** A process group whose members are all children of one parent, which does not lead it and reaps when it is told to. */
export interface ControlledGroup {
  parent: Child
  leader: number
  /** The members, the leader among them. */
  members: number[]
  /** Waits for the end of a member. Resolves to its status, as wait(2) has it. */
  reap(pid: number): Promise<number>
  /** Moves a member to the parent's group. */
  expel(pid: number): Promise<void>
}

/** The user who has the least rights. */
export const NOBODY = 65_534

/** This process' own user. */
export const OURS = -1

/** One member for each user, the first of which leads. */
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
      if ((await tell('expel', pid)) !== 0) throw new Error(`Process ${pid} could not be moved`)
    },
  }
}
