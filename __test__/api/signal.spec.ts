import { constants } from 'node:os'
import test from 'ava'
import { KillError, KillTarget } from 'killtarget'
import { ask } from '../helpers/ask.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { truth } from '../helpers/kernel.ts'
import { ended, grandchild, json, pending, program, sleeper, state, until } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

const { signals, errno } = constants

test('signal sends SIGTERM by default', async (t) => {
  const child = sleeper(t)
  t.true(open(t, child.pid).signal())
  t.deepEqual(await ended(child), { code: null, signal: 'SIGTERM' })
})

test('signal(0) returns whether a signal can be sent, and sends none', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGSTOP')
  await until(() => state(child.pid) === 'T')
  t.true(target.signal(0))
  t.deepEqual(pending(child.pid), [])
  child.kill('SIGKILL')
  await ended(child)
  t.false(target.signal(0))
})

test('signal returns true for a zombie until it is reaped', async (t) => {
  const { pid, becomeZombie, reaped } = await grandchild(t)
  const target = open(t, pid)
  await becomeZombie()
  for (const at of [target, open(t, pid)])
    for (const signal of [0, 'SIGTERM', 'SIGKILL'] as const) t.true(at.signal(signal))
  await reaped()
  for (const signal of [0, 'SIGTERM', 'SIGKILL'] as const) t.false(target.signal(signal))
})

test('a child that has exited stays a zombie until the next turn of the event loop', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  target.signal('SIGKILL')
  while (state(child.pid) !== 'Z');
  t.true(target.signal('SIGTERM'))
  await ended(child)
  t.false(target.signal('SIGTERM'))
})

test('SIGTERM to a stopped process stays pending until SIGCONT', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  t.true(target.signal('SIGSTOP'))
  await until(() => state(child.pid) === 'T')
  t.true(target.signal('SIGTERM'))
  t.deepEqual(pending(child.pid), [signals.SIGTERM])
  t.true(target.signal('SIGCONT'))
  t.is((await ended(child)).signal, 'SIGTERM')
})

test('SIGKILL terminates a stopped process', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  target.signal('SIGSTOP')
  await until(() => state(child.pid) === 'T')
  t.true(target.signal('SIGKILL'))
  t.is((await ended(child)).signal, 'SIGKILL')
})

test('a process can signal itself', async (t) => {
  const source = `
    import { KillTarget } from 'killtarget'
    const me = KillTarget.fromPid(process.pid)
    setTimeout(() => {}, 60_000)
    process.once('SIGUSR2', (name) => {
      console.log(JSON.stringify([name, me.method, me.isAlive(), me.signal(0)]))
      me.signal()
    })
    me.signal('SIGUSR2')`
  const child = program(t, source)
  t.deepEqual(await json(child), ['SIGUSR2', truth.method, true, true])
  t.is((await ended(child)).signal, 'SIGTERM')
})

test('signal treats pid 1 like any other process', (t) => {
  const target = open(t, 1)
  t.true(target.isAlive())
  const asked = () => target.signal(0)
  if (process.geteuid!() === 0) t.true(asked())
  else t.throws(asked, { instanceOf: KillError, code: 'EPERM' })
})

testUnless(notRoot, 'signal by root signals a process of another user', async (t) => {
  const child = sleeper(t, { uid: NOBODY, gid: NOBODY })
  t.true(open(t, child.pid).signal())
  t.is((await ended(child)).signal, 'SIGTERM')
})

testUnless(notRoot, 'signal fails with EPERM for a process of another user', async (t) => {
  const child = sleeper(t)
  const { pid } = child
  const { held, answers } = await ask(t, { pid, method: 'signal', signals: ['SIGKILL', 0], user: NOBODY })
  t.deepEqual(held, [truth.method, truth.raceFree])
  const syscall = truth.raceFree ? 'pidfd_send_signal' : 'kill'
  const message = `EPERM: Operation not permitted, ${syscall}`
  const refused = { name: 'KillError', message, code: 'EPERM', errno: -errno.EPERM, syscall, pid }
  t.deepEqual(answers, [refused, refused])
  child.kill('SIGUSR1')
  t.is((await ended(child)).signal, 'SIGUSR1')
})

const steps: Record<string, (target: KillTarget) => unknown> = {
  isAlive: (target) => target.isAlive(),
  'signal(0)': (target) => target.signal(0),
  'signalPg(0)': (target) => target.signalPg(0),
  'signal(SIGCONT)': (target) => target.signal('SIGCONT'),
  'signalPg(SIGCONT)': (target) => target.signalPg('SIGCONT'),
}

for (const [at, next] of [...Object.keys(steps), undefined].entries()) {
  test(`calls return true before a child exits and false after that: ${next === undefined ? 'after all calls' : `before ${next}`}`, async (t) => {
    const child = sleeper(t, { detached: true })
    const target = open(t, child.pid)
    for (const [index, [name, step]] of Object.entries(steps).entries()) {
      if (index === at) await end()
      t.is(step(target), index < at, name)
    }
    if (next === undefined) await end()
    const late = KillTarget.fromPid(child.pid)
    t.deepEqual([late.method, late.raceFree, late.isAlive(), late.signal(0)], ['gone', true, false, false])
    t.deepEqual([target.method, target.raceFree], [truth.method, truth.raceFree])
    target.close()
    t.throws(() => target.signal(0), { instanceOf: KillError, code: 'ERR_TARGET_CLOSED' })

    async function end() {
      child.kill('SIGKILL')
      await ended(child)
    }
  })
}
