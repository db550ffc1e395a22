import test from 'ava'
import { KillError, type ProcessInfo } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { controlledGroup, NOBODY, OURS } from '../helpers/controlled-group.ts'
import { ended, group, json, line, program, shell, sleeper, start, state, stat, until } from '../helpers/processes.ts'
import { groupEndingAtSigterm } from '../helpers/ignores-sigterm.ts'
import { open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

test('a process is stopped when that is said, and goes on', async (t) => {
  const child = shell(t, 'echo ready; while :; do :; done')
  await line(child)
  const target = open(t, child.pid)
  t.deepEqual(await target.suspend(), [])
  t.is(state(child.pid), 'T')
  t.true(target.isAlive())
  t.deepEqual(await target.resume(), [])
  await until(() => state(child.pid) === 'R')
})

test('so is every member of a group', async (t) => {
  const leader = await groupEndingAtSigterm(t, 4)
  const target = open(t, leader.pid)
  t.deepEqual(await target.suspend(), [])
  t.deepEqual(group(leader.pid).map(state), ['T', 'T', 'T', 'T', 'T'])
  t.deepEqual(await target.resume(), [])
  await until(() => !group(leader.pid).map(state).includes('T'))
})

test('with the scope of the process the others of its group run', async (t) => {
  const leader = await groupEndingAtSigterm(t, 2)
  const target = open(t, leader.pid)
  t.deepEqual(await target.suspend({ scope: 'process' }), [])
  t.deepEqual(group(leader.pid).map(state).sort(), ['S', 'S', 'T'])
  t.deepEqual(await target.resume({ scope: 'process' }), [])
})

testUnless(noCompiler, 'a group that forks without pause comes to a stop', async (t) => {
  // Whoever has pid 1 here may be slow to reap.
  const leader = start(t, compiled('hostile'), ['storm', '30', 'reaps'])
  await line(leader)
  const target = open(t, leader.pid)
  for (let round = 0; round < 10; round++) {
    t.deepEqual(await target.suspend({ scope: 'group' }), [])
    const members = group(leader.pid)
    // Zombies are over, and may be reaped meanwhile.
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

test('what is stopped can be ended', async (t) => {
  const leader = await groupEndingAtSigterm(t, 2)
  const target = open(t, leader.pid)
  await target.suspend()
  t.is((await target.terminate()).outcome, 'exited')
})

test('who is over can be neither stopped nor continued, and is not named', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGKILL')
  await ended(child)
  t.deepEqual(await target.suspend(), [])
  t.deepEqual(await target.resume(), [])
})

testUnless(notRoot, 'who may not be signalled is named, or EPERM where nobody may', async (t) => {
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
})

test('with `allowSelf` a process stops itself last', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import { KillTarget } from 'killtarget'
    const child = spawn('sleep', ['60'])
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
