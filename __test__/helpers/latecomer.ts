import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import type { TerminateOptions } from 'killtarget'
import { type Child, line } from './processes.ts'
import { groupWithLatecomer } from './ignores-sigterm.ts'
import { open } from './target.ts'

/** Milliseconds, in which several scans find a latecomer. */
const SCANS = 1000

/** A process that was started after the polite signal is not sent that signal. It has the rest of the grace period. */
export const latecomerIsSpared = test.macro(async (t, scoped: TerminateOptions) => {
  const leader = await groupWithLatecomer(t)
  const force = new AbortController()
  const termination = open(t, leader.pid).terminate({ ...scoped, grace: 60_000, forceSignal: force.signal })
  await startLatecomer(leader)
  await sleep(SCANS)
  force.abort()
  t.is((await termination).outcome, 'killed')
  await t.throwsAsync(line(leader), { message: /wrote no more lines/ })
})

/** Starts the latecomer of the group once the first member has got the polite signal. */
export async function startLatecomer(leader: Child): Promise<void> {
  for (const next of ['asked first', 'there']) {
    const written = await line(leader)
    if (written !== next) throw new Error(`The group wrote ${written}, not ${next}`)
    if (next === 'asked first') leader.stdin.write('\n')
  }
}
