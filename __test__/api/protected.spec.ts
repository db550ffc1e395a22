import type { SpawnOptions } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import { KillError, KillTarget } from 'killtarget'
import { ask, type Question } from '../helpers/ask.ts'
import { compiled } from '../helpers/compile.ts'
import { controlledGroup, OURS } from '../helpers/controlled-group.ts'
import { sleeper, stat } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'

/** Harmless where it arrives: a test that fails must not end what it runs in. */
const HARMLESS = 'SIGURG'

const isProtected = test.macro((t, pid: number) => {
  using target = KillTarget.fromPid(pid)
  t.throws(() => target.signalPg(HARMLESS), { instanceOf: KillError, code: 'ERR_PROTECTED_TARGET' })
  t.not(
    outcome(() => target.signalPg(0)),
    'ERR_PROTECTED_TARGET',
  )
})

test('the process itself is protected', isProtected, process.pid)
test('its parent is protected', isProtected, process.ppid)
test('its group is protected', isProtected, stat(process.pid)!.pgid)
test('pid 1 is protected', isProtected, 1)

test('a protected process can be signalled by itself', (t) => {
  for (const pid of [process.pid, process.ppid]) t.true(open(t, pid).signal(HARMLESS))
})

test('a child is not protected, nor is its group', (t) => {
  const child = sleeper(t, { detached: true })
  t.true(open(t, child.pid).signalPg(HARMLESS))
})

test('the group that the process itself leads is protected', async (t) => {
  t.deepEqual(await protection(t, 'self', [], { detached: true }), ['ERR_PROTECTED_TARGET', true])
})

test('an ancestor that leads another group is protected', async (t) => {
  // `self` is what the shell has in `$$`: its own pid, put in place of the question's.
  const parent = ['sh', '-c', 'setsid "$1" "$2" $$ "$4" "$5" "$6" "$7"; exit', 'sh']
  t.deepEqual(await protection(t, 0, parent, { detached: true }), ['ERR_PROTECTED_TARGET', true])
})

test('an ancestor further up is protected, in whatever group and session', async (t) => {
  const through = ['setsid', 'sh', '-c', 'setsid "$@"; exit', 'sh']
  t.deepEqual(await protection(t, process.pid, through), ['ERR_PROTECTED_TARGET', 'ERR_NOT_GROUP_LEADER'])
})

test('the own group is protected when no ancestor leads it', async (t) => {
  const { leader } = await controlledGroup(t, [OURS])
  const joined = [compiled('join'), String(leader)]
  t.deepEqual(await protection(t, leader, joined), ['ERR_PROTECTED_TARGET', true])
})

test('the group of an ancestor is protected when no ancestor leads it', async (t) => {
  const { leader } = await controlledGroup(t, [OURS])
  const parent = [compiled('join'), String(leader), 'sh', '-c', 'setsid "$@"; exit', 'sh']
  t.deepEqual(await protection(t, leader, parent), ['ERR_PROTECTED_TARGET', true])
})

test('the own group is protected after its leader was reaped', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [OURS, OURS])
  process.kill(leader, 'SIGKILL')
  await reap(leader)
  t.is(stat(members[1]!)?.pgid, leader)
  const joined = [compiled('join'), String(leader)]
  t.deepEqual(await protection(t, leader, joined), ['ERR_PROTECTED_TARGET', false])
})

/** What another process, started by the launcher, is answered to a signal, and to signal 0. */
async function protection(t: ExecutionContext, pid: Question['pid'], launcher: string[], options?: SpawnOptions) {
  const { answers } = await ask(t, { pid, method: 'signalPg', signals: [HARMLESS, 0] }, launcher, options)
  return answers.map((answer) => (typeof answer === 'boolean' ? answer : answer.code))
}

function outcome(call: () => boolean): boolean | string {
  try {
    return call()
  } catch (error) {
    return (error as KillError).code
  }
}
