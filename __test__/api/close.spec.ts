import { spawnSync } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import { KillError, KillTarget } from 'killtarget'
import { truth } from '../helpers/kernel.ts'
import { ended, NO_PID, sleeper } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'

const calls: Record<string, (target: KillTarget) => unknown> = {
  signal: (target) => target.signal(),
  'signal of 0': (target) => target.signal(0),
  signalPg: (target) => target.signalPg(),
  isAlive: (target) => target.isAlive(),
}

function refusesAll(t: ExecutionContext, target: KillTarget): void {
  const { pid } = target
  for (const [name, call] of Object.entries(calls)) {
    const error = t.throws(() => call(target), { instanceOf: KillError, code: 'ERR_TARGET_CLOSED' }, name)
    t.deepEqual({ ...error }, { code: 'ERR_TARGET_CLOSED', pid }, name)
  }
}

test('every call on a closed target throws', async (t) => {
  const child = sleeper(t, { detached: true })
  const target = open(t, child.pid)
  target.close()
  refusesAll(t, target)
  child.kill('SIGUSR2')
  t.is((await ended(child)).signal, 'SIGUSR2')
  refusesAll(t, target)
})

test('a closed target keeps its pid, method and raceFree', (t) => {
  const { pid } = sleeper(t)
  const target = open(t, pid)
  target.close()
  const { pid: kept, method, raceFree } = target
  t.deepEqual([kept, method, raceFree], [pid, truth.method, truth.raceFree])
})

test('a second close has no effect, on the target or on one that was opened later', (t) => {
  const { pid } = sleeper(t)
  const [first, other] = [open(t, pid), open(t, pid)]
  first.close()
  const second = open(t, pid)
  first.close()
  first[Symbol.dispose]()
  for (const target of [second, other]) t.true(target.isAlive())
  refusesAll(t, first)
})

test('a closed target does not act on a target that was opened later', (t) => {
  const [before, since] = [sleeper(t), sleeper(t)]
  const closed = open(t, before.pid)
  closed.close()
  for (let count = 0; count < 100; count++) open(t, since.pid)
  refusesAll(t, closed)
})

test('`using` closes a target at the end of the block, also after an error', (t) => {
  const { pid } = sleeper(t)
  const targets: KillTarget[] = []
  {
    using target = KillTarget.fromPid(pid)
    t.true(target.isAlive())
    targets.push(target)
  }
  t.throws(() => {
    using target = KillTarget.fromPid(pid)
    targets.push(target)
    throw new Error('left')
  })
  t.is(targets.length, 2)
  for (const target of targets) refusesAll(t, target)
})

test('a target that is gone can be closed', (t) => {
  const target = KillTarget.fromPid(NO_PID)
  t.false(target.signal())
  target.close()
  t.like(target, { method: 'gone', raceFree: true })
  refusesAll(t, target)
})

test('a wrong argument is refused before the closed target is', (t) => {
  const target = open(t, sleeper(t).pid)
  target.close()
  t.throws(() => target.signal('SIGNONE' as 'SIGTERM'), { instanceOf: TypeError, code: 'ERR_UNKNOWN_SIGNAL' })
  t.throws(() => target.signalPg(1.5), { instanceOf: TypeError, code: 'ERR_UNKNOWN_SIGNAL' })
})

test('a child inherits no handle', (t) => {
  const child = sleeper(t)
  const held = [open(t, child.pid), KillTarget.fromChild(child)!, open(t, process.pid)]
  const { stdout } = spawnSync('sh', ['-c', 'for fd in /proc/$$/fd/*; do readlink $fd; done'], { encoding: 'utf8' })
  // The standard streams of the child show that the listing works.
  t.regex(stdout, /^socket:|^pipe:/m)
  t.notRegex(stdout, /pidfd|^\/proc\/\d+$/m)
  for (const target of held) target.close()
})
