import test from 'ava'
import { KillError, type ProcessInfo } from 'killtarget'
import type { Suspended } from '../fixtures/suspend-never-stops.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { controlledGroup, NOBODY, OURS } from '../helpers/controlled-group.ts'
import { ended, group, json, line, program, shell, sleeper, start, state, stat, until } from '../helpers/processes.ts'
import { groupEndingAtSigterm } from '../helpers/ignores-sigterm.ts'
import { isUserModeLinux } from '../helpers/kernel.ts'
import { atLeast } from '../helpers/kernel-version.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

test('suspend stops a process before it resolves, and resume continues it', async (t) => {
  const child = shell(t, 'echo ready; while kill -0 $PPID; do :; done')
  await line(child)
  const target = open(t, child.pid)
  t.deepEqual(await target.suspend(), [])
  t.is(state(child.pid), 'T')
  t.true(target.isAlive())
  t.deepEqual(await target.resume(), [])
  await until(() => state(child.pid) === 'R')
})

test('suspend stops every member of a group, and resume continues them', async (t) => {
  const leader = await groupEndingAtSigterm(t, 4)
  const target = open(t, leader.pid)
  t.deepEqual(await target.suspend(), [])
  t.deepEqual(group(leader.pid).map(state), ['T', 'T', 'T', 'T', 'T'])
  t.deepEqual(await target.resume(), [])
  await until(() => !group(leader.pid).map(state).includes('T'))
})

test("suspend with the scope 'process' leaves the other members running", async (t) => {
  const leader = await groupEndingAtSigterm(t, 2)
  const target = open(t, leader.pid)
  t.deepEqual(await target.suspend({ scope: 'process' }), [])
  t.deepEqual(group(leader.pid).map(state).sort(), ['S', 'S', 'T'])
  t.deepEqual(await target.resume({ scope: 'process' }), [])
})

const noTracer = isUserModeLinux && atLeast(6, 12) && !atLeast(6, 13) ? 'this kernel crashes at a tracer' : undefined

testUnless(
  noPidNamespace ?? noCompiler ?? noTracer,
  'suspend names a process whose tracer discards each signal',
  async (t) => {
    const { pid, running } = await inNamespace<Suspended>('suspend-never-stops.ts')
    t.true(running.includes(pid))
  },
)

testUnless(noCompiler, 'suspend stops a group that keeps forking', async (t) => {
  // The leader reaps its orphans, as pid 1 may be slow to do so here.
  const leader = start(t, compiled('hostile'), ['storm', '300', 'reaps'])
  await line(leader)
  const target = open(t, leader.pid)
  for (let round = 0; round < 10; round++) {
    t.deepEqual(await target.suspend({ scope: 'group' }), [])
    const members = group(leader.pid)
    // Zombies have exited, and may be reaped meanwhile.
    const letters = new Set(members.map((pid) => state(pid) ?? 'Z'))
    for (const over of ['Z', 'X']) letters.delete(over)
    t.deepEqual([...letters], ['T'])
    t.deepEqual(
      group(leader.pid).filter((pid) => !members.includes(pid)),
      [],
    )
    t.deepEqual(await target.resume({ scope: 'group' }), [])
  }
})

test('terminate ends a suspended group', async (t) => {
  const leader = await groupEndingAtSigterm(t, 2)
  const target = open(t, leader.pid)
  await target.suspend()
  t.is((await target.terminate()).outcome, 'exited')
})

test('suspend and resume ignore a process that has exited', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGKILL')
  await ended(child)
  t.deepEqual(await target.suspend(), [])
  t.deepEqual(await target.resume(), [])
})

testUnless(
  notRoot,
  'suspend names a process that may not be signalled, or fails with EPERM if none may be',
  async (t) => {
    const { leader, members } = await controlledGroup(t, [NOBODY, OURS])
    const source = `
    import { KillTarget } from 'killtarget'
    const [leader, other] = process.argv.slice(1).map((pid) => KillTarget.fromPid(Number(pid)))
    process.setuid(${NOBODY})
    const suspended = await leader.suspend({ scope: 'group' })
    const refused = await other.suspend({ scope: 'process' }).catch((error) => error)
    console.log(JSON.stringify([suspended, refused]))
  `
    const [suspended, refused] = await json<[ProcessInfo[], KillError]>(program(t, source, members))
    const { pgid, sid, ppid } = stat(members[1]!)!
    t.like(suspended[0], { pid: members[1]!, ppid, pgid, sid, state: 'S' })
    t.is(suspended.length, 1)
    t.like(refused, { code: 'EPERM', pid: members[1]! })
    t.deepEqual([leader, members[1]!].map(state), ['T', 'S'])
  },
)

test('suspend with `allowSelf` stops its own process last', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import { KillTarget } from 'killtarget'
    const child = spawn('sleep', ['600'])
    console.log(child.pid)
    await KillTarget.fromPid(process.pid).suspend({ scope: 'group', allowSelf: true })
    console.log('gone on')
    child.kill()
  `
  const child = program(t, source, [], { detached: true })
  const member = Number(await line(child))
  await until(() => state(child.pid) === 'T' && state(member) === 'T')
  const target = open(t, child.pid)
  t.deepEqual(await target.resume({ scope: 'group' }), [])
  t.is(await line(child), 'gone on')
  t.is((await ended(child)).code, 0)
})
