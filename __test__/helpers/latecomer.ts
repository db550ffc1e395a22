import test from 'ava'
import type { TerminateOptions } from 'killtarget'
import { line } from './processes.ts'
import { groupWithLatecomer } from './ignores-sigterm.ts'
import { open } from './target.ts'

/** A latecomer gets the polite signal. SIGKILL does not come before `forceSignal` is aborted. */
export const latecomerIsSignalled = test.macro(async (t, scoped: TerminateOptions) => {
  const leader = await groupWithLatecomer(t)
  const force = new AbortController()
  const termination = open(t, leader.pid).terminate({ ...scoped, grace: 60_000, forceSignal: force.signal })
  t.is(await line(leader), 'asked first')
  leader.stdin.write('\n')
  t.is(await line(leader), 'there')
  t.is(await line(leader), 'asked 143')
  force.abort()
  t.is((await termination).outcome, 'killed')
})
