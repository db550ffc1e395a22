import { constants } from 'node:os'
import test, { type ExecutionContext } from 'ava'
import { KillError } from 'killtarget'
import { ask } from '../helpers/ask.ts'
import { type ControlledGroup, controlledGroup, NOBODY, OURS } from '../helpers/controlled-group.ts'
import { truth } from '../helpers/kernel.ts'
import { ended, group, shell, sleeper, state, until } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

const { signals, errno } = constants

test('signalPg signals every member of the group that a child leads', async (t) => {
  const leader = shell(t, 'sleep 600 & sleep 600 & wait', { detached: true })
  const target = open(t, leader.pid)
  await until(() => group(leader.pid).length === 3)
  t.true(target.signalPg(0))
  t.deepEqual(group(leader.pid).filter(hasExited), [])
  t.true(target.signalPg())
  t.is((await ended(leader)).signal, 'SIGTERM')
  await until(() => group(leader.pid).every(hasExited))
})

test('signalPg sends each kind of signal to the group', async (t) => {
  const { members, leader, reap } = await controlledGroup(t, [OURS, OURS])
  const target = open(t, leader)
  t.true(target.signalPg('SIGSTOP'))
  await until(() => members.every((pid) => state(pid) === 'T'))
  t.true(target.signalPg(signals.SIGCONT))
  await until(() => members.every((pid) => state(pid) === 'S'))
  t.true(target.signalPg('SIGRTMAX'))
  for (const pid of members) t.is(await reap(pid), 64)
})

test('signalPg refuses a process that leads no group, and sends no signal', async (t) => {
  const child = sleeper(t)
  const { members, reap } = await controlledGroup(t, [OURS, OURS])
  for (const pid of [child.pid, members[1]!]) {
    const target = open(t, pid)
    for (const signal of ['SIGKILL', 0] as const) {
      t.throws(() => target.signalPg(signal), { instanceOf: KillError, code: 'ERR_NOT_GROUP_LEADER' })
    }
  }
  child.kill('SIGUSR1')
  t.is((await ended(child)).signal, 'SIGUSR1')
  await areUnharmed(t, members, reap)
})

test('signalPg signals the group of a zombie leader', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [OURS, OURS, OURS])
  const target = open(t, leader)
  target.signal('SIGKILL')
  await until(() => hasExited(leader))
  t.true(target.signalPg(0))
  t.true(target.signalPg('SIGUSR1'))
  t.deepEqual(await inTurn(members, reap), [signals.SIGKILL, signals.SIGUSR1, signals.SIGUSR1])
  t.false(target.signalPg(0))
})

test('signalPg signals the group of a reaped leader', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [OURS, OURS, OURS])
  const others = members.slice(1)
  const target = open(t, leader)
  target.signal('SIGKILL')
  t.is(await reap(leader), signals.SIGKILL)
  t.false(target.signal(0))
  t.true(target.signalPg(0))
  t.true(target.signalPg('SIGUSR1'))
  t.deepEqual(await inTurn(others, reap), [signals.SIGUSR1, signals.SIGUSR1])
  for (const signal of [0, 'SIGKILL'] as const) t.false(target.signalPg(signal))
})

test('signalPg succeeds for a group of zombies until they are reaped', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [OURS, OURS])
  const target = open(t, leader)
  t.true(target.signalPg('SIGKILL'))
  await until(() => members.every(hasExited))
  for (const signal of [0, 'SIGTERM'] as const) t.true(target.signalPg(signal))
  t.false(target.isAlive())
  await inTurn(members, reap)
  for (const signal of [0, 'SIGTERM'] as const) t.false(target.signalPg(signal))
})

test('signalPg signals the group of a leader that moved to another group, but not the leader', async (t) => {
  const { leader, members, reap, expel } = await controlledGroup(t, [OURS, OURS])
  const target = open(t, leader)
  await expel(leader)
  t.true(target.signalPg('SIGUSR1'))
  t.is(await reap(members[1]!), signals.SIGUSR1)
  t.throws(() => target.signalPg('SIGUSR1'), { instanceOf: KillError, code: 'ERR_NOT_GROUP_LEADER' })
  t.true(target.signal('SIGUSR2'))
  t.is(await reap(leader), signals.SIGUSR2)
  t.false(target.signalPg())
})

testUnless(notRoot, 'signalPg by root signals members of other users', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [OURS, NOBODY, OURS])
  t.true(open(t, leader).signalPg())
  t.deepEqual(await inTurn(members, reap), [signals.SIGTERM, signals.SIGTERM, signals.SIGTERM])
})

testUnless(notRoot, 'signalPg signals those members of a group that the user may signal', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [OURS, NOBODY, OURS])
  const { answers } = await ask(t, { pid: leader, method: 'signalPg', signals: ['SIGTERM'], user: NOBODY })
  t.deepEqual(answers, [true])
  t.is(await reap(members[1]!), signals.SIGTERM)
  await areUnharmed(t, [members[0]!, members[2]!], reap)
})

testUnless(notRoot, 'signalPg fails with EPERM if no member may be signalled', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [OURS, OURS])
  const { answers } = await ask(t, { pid: leader, method: 'signalPg', signals: [0, 'SIGKILL'], user: NOBODY })
  const syscall = truth.capabilities.groupSignal ? 'pidfd_send_signal' : 'kill'
  for (const answer of answers) {
    t.like(answer, { name: 'KillError', code: 'EPERM', errno: -errno.EPERM, syscall, pid: leader })
  }
  await areUnharmed(t, members, reap)
})

const hasExited = (pid: number) => [undefined, 'Z'].includes(state(pid))

/** Asserts that no signal was sent before: an earlier one would have terminated them. */
async function areUnharmed(t: ExecutionContext, pids: readonly number[], reap: ControlledGroup['reap']): Promise<void> {
  for (const pid of pids) open(t, pid).signal('SIGUSR1')
  t.deepEqual(
    await inTurn(pids, reap),
    pids.map(() => signals.SIGUSR1),
  )
}

async function inTurn<T>(pids: readonly number[], act: (pid: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (const pid of pids) results.push(await act(pid))
  return results
}
