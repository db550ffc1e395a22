import test from 'ava'
import { KillError, KillTarget, terminate, type TerminateStep } from 'killtarget'
import type { Found } from '../fixtures/hostile-groups.ts'
import { noCompiler } from '../helpers/compile.ts'
import { controlledGroup, NOBODY, OURS } from '../helpers/controlled-group.ts'
import { kernel, truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { latecomerIsSpared } from '../helpers/latecomer.ts'
import {
  ended,
  group,
  hasExited,
  json,
  line,
  noteStart,
  number,
  program,
  shell,
  sleeper,
  start,
  state,
} from '../helpers/processes.ts'
import { endedBy } from '../helpers/status.ts'
import { groupEndingAtSigterm, membersIgnoringSigterm } from '../helpers/ignores-sigterm.ts'
import { held, open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

/** The group is signalled through the leader's handle. Without group signals it is signalled by its pgid. */
const raceFree = truth.capabilities.groupSignal && truth.raceFree

const living = (pgid: number) => group(pgid).filter((pid) => !['Z', undefined].includes(state(pid)))

test("terminate with the scope 'group' ends all members", async (t) => {
  const leader = await groupEndingAtSigterm(t, 3)
  const target = held(t, KillTarget.fromChild(leader), leader.pid)
  t.is(living(leader.pid).length, 4)
  const { elapsed: _, ...termination } = await target.terminate({ scope: 'group' })
  t.deepEqual(living(leader.pid), [])
  t.deepEqual(termination, {
    outcome: 'exited',
    status: endedBy('SIGTERM'),
    ended: 4,
    survivors: [],
    raceFree,
    proof: 'group',
  })
})

test("terminate with the scope 'process' leaves the other members alive", async (t) => {
  const leader = await groupEndingAtSigterm(t, 2)
  const { outcome, ended: count, proof } = await terminate(leader, { scope: 'process' })
  t.deepEqual([outcome, count, proof], ['exited', 1, 'process'])
  t.is(living(leader.pid).length, 2)
})

test("terminate with the scope 'group' refuses a process that leads no group", async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  for (const call of ['terminate', 'suspend', 'resume'] as const) {
    const refused = target[call]({ scope: 'group' })
    await t.throwsAsync(refused, { instanceOf: KillError, code: 'ERR_NOT_GROUP_LEADER' })
  }
  t.true(target.isAlive())
})

test('terminate kills members that ignore SIGTERM after the grace period, even if the leader has exited', async (t) => {
  const leader = await membersIgnoringSigterm(t, 3)
  const target = held(t, KillTarget.fromChild(leader), leader.pid)
  const {
    outcome,
    status: exit,
    ended: count,
    survivors,
    elapsed,
    proof,
  } = await target.terminate({ scope: 'group', grace: 300 })
  t.deepEqual(living(leader.pid), [])
  t.deepEqual([outcome, survivors, proof], ['killed', [], 'group'])
  t.deepEqual(exit, endedBy('SIGTERM'))
  // The shells of the members may have been seen with their sleeps.
  t.true(count >= 4, `${count}`)
  t.true(elapsed >= 300)
})

test('terminate ends the group of a reaped leader', async (t) => {
  const leader = shell(t, 'sleep 600 & sleep 600 & echo ready; read _', { detached: true })
  await line(leader)
  const target = open(t, leader.pid)
  leader.stdin.end('\n')
  await ended(leader)
  const { outcome, ended: count, status: exit } = await target.terminate({ scope: 'group' })
  t.deepEqual([outcome, count], ['exited', 2])
  t.true(exit!.code === 0 || !exit!.known)
  t.deepEqual(living(leader.pid), [])
  const again = await target.terminate({ scope: 'group' })
  t.is(again.outcome, 'gone')
})

test('terminate ends the group of a leader that is reaped during the call', async (t) => {
  const leader = shell(t, 'sleep 600 & sleep 600 & echo ready; read _', { detached: true })
  await line(leader)
  const target = held(t, KillTarget.fromChild(leader), leader.pid)
  leader.stdin.end('\n')
  while (state(leader.pid) !== 'Z');
  // From here on Node may reap the leader.
  const { outcome, ended: count, survivors, proof } = await target.terminate({ scope: 'group' })
  t.deepEqual([outcome, count, survivors, proof], ['exited', 2, [], 'group'])
  t.deepEqual(living(leader.pid), [])
})

test("terminate with the scope 'group' proves nothing of a process that was gone at the open", async (t) => {
  const leader = shell(t, 'sleep 600 & echo $!; exit', { detached: true })
  const member = await number(leader)
  noteStart(member)
  await ended(leader)
  const target = KillTarget.fromPid(leader.pid)
  t.like(await target.terminate({ scope: 'group' }), { outcome: 'gone', ended: 0, survivors: [], proof: 'best-effort' })
  t.false(hasExited(member))
  // The number names what the process has left.
  t.like(await terminate(leader.pid, { scope: 'group' }), { outcome: 'exited', ended: 1, survivors: [] })
  t.true(hasExited(member))
})

test('terminate reports an empty group of a reaped leader as gone', async (t) => {
  const leader = start(t, 'sleep', ['600'], { detached: true })
  const target = held(t, KillTarget.fromChild(leader), leader.pid)
  leader.kill('SIGKILL')
  await ended(leader)
  const { outcome, status: exit, ended: count } = await target.terminate({ scope: 'group' })
  t.deepEqual([outcome, count], ['gone', 0])
  t.deepEqual(exit, endedBy('SIGKILL'))
})

test('terminate does not wait for zombies to be reaped', async (t) => {
  const { leader, reap, members } = await controlledGroup(t, [OURS, OURS, OURS])
  const target = open(t, leader)
  const { outcome, ended: count, survivors } = await target.terminate({ scope: 'group', grace: 60_000 })
  t.deepEqual([outcome, count, survivors], ['exited', 3, []])
  for (const pid of members) t.is(await reap(pid), 15)
})

test('a member that leaves the group during the grace period stays in scope', async (t) => {
  const script = `
    sh -c 'trap "" TERM; trap "exec setsid sh -c \\"trap : TERM; echo left; while :; do sleep 1; done\\"" USR1;
           exec 2>/dev/null; echo $$; while :; do sleep 0.05; done' &
    trap 'echo asked; exit' TERM; wait`
  const leader = shell(t, script, { detached: true })
  const member = Number(await line(leader))
  const target = open(t, leader.pid)
  const handle = open(t, member)
  const force = new AbortController()
  const termination = target.terminate({ scope: 'group', grace: 60_000, forceSignal: force.signal })
  t.is(await line(leader), 'asked')
  process.kill(member, 'SIGUSR1')
  t.is(await line(leader), 'left')
  force.abort()
  const { outcome, survivors } = await termination
  t.deepEqual([outcome, survivors], ['killed', []])
  t.false(handle.isAlive())
})

test('a latecomer that a group starts after the polite signal is not sent it', latecomerIsSpared, {
  scope: 'group',
})

testUnless(notRoot, 'terminate names a member that may not be signalled, and ends the others', async (t) => {
  const { leader, members, reap } = await controlledGroup(t, [NOBODY, OURS, NOBODY])
  const source = `
    import { KillTarget } from 'killtarget'
    const target = KillTarget.fromPid(Number(process.argv[1]))
    process.setuid(${NOBODY})
    console.log(JSON.stringify(await target.terminate({ scope: 'group', grace: 60_000 })))
  `
  const asker = program(t, source, [leader])
  const { outcome, survivors, ended: count } = await json<Awaited<ReturnType<typeof terminate>>>(asker)
  t.deepEqual([outcome, count], ['survived', 2])
  t.deepEqual(
    survivors.map(({ pid, reason }) => [pid, reason]),
    [[members[1], 'not-permitted']],
  )
  t.is(await reap(members[0]!), 15)
  t.is(await reap(members[2]!), 15)
  t.is(state(members[1]!), 'S')
})

const RUNS = Number(process.env['KILLTARGET_TEST_GROUPS'] ?? 4)
const noHostiles = noCompiler || noPidNamespace || undefined

for (const kind of ['ignores-sigterm', 'storm', 'comet', 'stopper', 'leaderless', 'tail']) {
  testUnless(noHostiles, `no member of a hostile group survives: ${kind}`, async (t) => {
    t.timeout(120_000 + RUNS * 2000)
    const {
      left,
      reports,
      ended: counts,
    } = await inNamespace<Found>('hostile-groups.ts', {
      args: [kind, String(RUNS)],
      timeout: 60_000 + RUNS * 2000,
    })
    t.log(`${kernel}, ${kind}: ${RUNS} groups, of ${counts.join(' to ')} processes`)
    t.deepEqual(left, [])
    const how = raceFree ? 'race-free' : 'not race-free'
    t.deepEqual(reports, { [`killed, 0 survivors, group, ${how}`]: RUNS })
  })
}

testUnless(noHostiles, 'terminate reports survivors of a group that forks and exits too fast for a scan', async (t) => {
  const { gently, left } = await inNamespace<Found>('hostile-groups.ts', { args: ['tail', '6', 'gently'] })
  t.deepEqual(
    gently,
    Array.from(gently, () => 'survived'),
  )
  t.is(gently.length, 6)
  t.deepEqual(left, [])
})

test("a step with SIGKILL gives the outcome 'killed'", async (t) => {
  const steps: TerminateStep[] = [{ signal: 'SIGKILL', grace: 10_000 }]
  t.is((await terminate(await groupEndingAtSigterm(t, 2), { scope: 'group', steps })).outcome, 'killed')
})
