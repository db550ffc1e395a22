import type { SpawnOptions } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import { KillError, KillTarget } from 'killtarget'
import { ask, type Question } from '../helpers/ask.ts'
import type { Found as Refused } from '../fixtures/protect-refused.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { controlledGroup, OURS } from '../helpers/controlled-group.ts'
import { found } from '../helpers/fixture.ts'
import { sleeper, stat } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** A signal without effect: a failing test must not terminate its own environment. */
const HARMLESS = 'SIGURG'

const isProtected = (pid: number) => (t: ExecutionContext) => {
  using target = KillTarget.fromPid(pid)
  t.throws(() => target.signalPg(HARMLESS), { instanceOf: KillError, code: 'ERR_PROTECTED_TARGET' })
  t.not(
    outcome(() => target.signalPg(0)),
    'ERR_PROTECTED_TARGET',
  )
}

/** In a PID namespace, the group of a process outside has no number. */
const ownGroup = stat(process.pid)!.pgid
const noOwnGroup = ownGroup === 0 ? 'a process outside of this PID namespace leads the group' : undefined

test('signalPg refuses this process', isProtected(process.pid))
test('signalPg refuses the parent of this process', isProtected(process.ppid))
testUnless(noOwnGroup, 'signalPg refuses the group of this process', isProtected(ownGroup))
test('signalPg refuses pid 1', isProtected(1))

const noRefusal = noCompiler ?? (process.platform === 'linux' ? undefined : 'only Linux has seccomp filters')
testUnless(noRefusal, 'a scope is refused if the groups and sessions of this process cannot be read', async (t) => {
  const { results, isAlive } = await found<Refused>(t, 'protect-refused.ts', { launcher: [compiled('refuse')] })
  for (const [call, result] of Object.entries(results)) t.is(result, 'ERR_PROTECTED_TARGET', call)
  t.is(Object.keys(results).length, 5)
  t.true(isAlive)
})

test('signal signals a protected process', (t) => {
  for (const pid of [process.pid, process.ppid]) t.true(open(t, pid).signal(HARMLESS))
})

test('signalPg does not refuse a child that leads a group', (t) => {
  const child = sleeper(t, { detached: true })
  t.true(open(t, child.pid).signalPg(HARMLESS))
})

test('signalPg refuses the group that the caller leads', async (t) => {
  t.deepEqual(await protection(t, 'self', [], { detached: true }), ['ERR_PROTECTED_TARGET', true])
})

test('signalPg refuses a parent that leads another group', async (t) => {
  // `$$` is the shell's own pid. It replaces the pid in the question.
  const parent = ['sh', '-c', 'setsid "$1" "$2" $$ "$4" "$5" "$6" "$7"; exit', 'sh']
  t.deepEqual(await protection(t, 0, parent, { detached: true }), ['ERR_PROTECTED_TARGET', true])
})

test('signalPg refuses an ancestor of the parent, in any group and session', async (t) => {
  const through = ['setsid', 'sh', '-c', 'setsid "$@"; exit', 'sh']
  t.deepEqual(await protection(t, process.pid, through), ['ERR_PROTECTED_TARGET', 'ERR_NOT_GROUP_LEADER'])
})

test("signalPg refuses the caller's group if no ancestor leads it", async (t) => {
  const { leader } = await controlledGroup(t, [OURS])
  const joined = [compiled('join'), String(leader)]
  t.deepEqual(await protection(t, leader, joined), ['ERR_PROTECTED_TARGET', true])
})

test('signalPg refuses the group of an ancestor if no ancestor leads it', async (t) => {
  const { leader } = await controlledGroup(t, [OURS])
  const parent = [compiled('join'), String(leader), 'sh', '-c', 'setsid "$@"; exit', 'sh']
  t.deepEqual(await protection(t, leader, parent), ['ERR_PROTECTED_TARGET', true])
})

test("signalPg refuses the caller's group after its leader was reaped", async (t) => {
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
