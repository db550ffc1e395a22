import type { SpawnOptions } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { type Child, line, shell } from './processes.ts'

/** A shell that ignores SIGTERM. Unless it is told otherwise it starts nobody. */
export async function ignoresSigterm(
  t: Pick<ExecutionContext, 'teardown'>,
  script = 'while :; do read _ || sleep 1; done',
  options?: SpawnOptions,
): Promise<Child> {
  const child = shell(t, `trap '' TERM; exec 2>/dev/null; echo ready; ${script}`, options)
  await line(child)
  return child
}

/** A shell that leads a group of its own with so many sleeping members beside it, all of whom die of SIGTERM. */
export async function groupEndingAtSigterm(t: Pick<ExecutionContext, 'teardown'>, members: number): Promise<Child> {
  const child = shell(t, `exec 2>/dev/null; ${'sleep 60 & '.repeat(members)} echo ready; wait`, { detached: true })
  await line(child)
  return child
}

/** A shell that ends at SIGTERM, and leaves so many members of its group that ignore it. */
export async function membersIgnoringSigterm(t: Pick<ExecutionContext, 'teardown'>, members: number): Promise<Child> {
  const one = `sh -c 'trap "" TERM; exec 2>/dev/null; echo ready; while :; do sleep 1; done' & `
  const child = shell(t, `${one.repeat(members)} wait`, { detached: true })
  for (let member = 0; member < members; member++) await line(child)
  return child
}

/**
 * A shell that writes down each SIGTERM and ends at none. Once it reads a line it starts one more member of its group,
 * writes that it is there, and how it has ended when it has: 143 is by SIGTERM.
 */
export async function groupWithLatecomer(t: Pick<ExecutionContext, 'teardown'>): Promise<Child> {
  const script = `trap 'echo asked first' TERM; exec 2>/dev/null; echo ready
    while ! read _; do :; done; sleep 60 & echo there; wait $!; echo asked $?; while :; do sleep 0.05; done`
  const child = shell(t, script, { detached: true })
  await line(child)
  return child
}
