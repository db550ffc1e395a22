import type { SpawnOptions } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { type Child, line, shell, start } from './processes.ts'

/** Starts a shell that ignores SIGTERM. Without a script of the caller it starts no other process. */
export async function ignoresSigterm(
  t: Pick<ExecutionContext, 'teardown'>,
  script = 'while :; do read _ || sleep 1; done',
  options?: SpawnOptions,
): Promise<Child> {
  const child = shell(t, `trap '' TERM; exec 2>/dev/null; echo ready; ${script}`, options)
  await line(child)
  return child
}

/** Starts a shell that leads a group, with this many more members. SIGTERM terminates all of them. */
export async function groupEndingAtSigterm(t: Pick<ExecutionContext, 'teardown'>, members: number): Promise<Child> {
  const child = shell(t, `exec 2>/dev/null; ${'sleep 600 & '.repeat(members)} echo ready; wait`, { detached: true })
  await line(child)
  return child
}

/** Starts a shell that exits at SIGTERM. The other members of its group, this many, ignore it. */
export async function membersIgnoringSigterm(t: Pick<ExecutionContext, 'teardown'>, members: number): Promise<Child> {
  const one = `sh -c 'trap "" TERM; exec 2>/dev/null; echo ready; while :; do sleep 1; done' & `
  const child = shell(t, `${one.repeat(members)} wait`, { detached: true })
  for (let member = 0; member < members; member++) await line(child)
  return child
}

/**
 * Starts a shell that writes `asked first` at SIGTERM, and does not exit.
 *
 * When it reads a line, it starts one more member of its group, which writes `there`, and `asked second` at SIGTERM.
 */
export async function groupWithLatecomer(t: Pick<ExecutionContext, 'teardown'>): Promise<Child> {
  const member = `trap 'echo asked second' TERM; echo there; while :; do sleep 0.05; done`
  const script = `trap 'echo asked first' TERM; exec 2>/dev/null; echo ready
    while ! read _; do kill -0 $PPID || exit; done; sh -c "$1" & while :; do sleep 0.05; done`
  const child = start(t, 'sh', ['-c', script, 'sh', member], { detached: true })
  await line(child)
  return child
}
