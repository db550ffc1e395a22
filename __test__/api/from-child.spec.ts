import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { execa } from 'execa'
import { type ChildLike, KillTarget, type OpenOptions, terminate } from 'killtarget'
import { $ } from 'zx'
import { truth } from '../helpers/kernel.ts'
import {
  type Child,
  ended,
  grandchild,
  number,
  testEnv,
  sleeper,
  stat,
  start,
  state,
  until,
} from '../helpers/processes.ts'
import { held } from '../helpers/target.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** Opens a running child. */
function open(t: ExecutionContext, child: ChildLike): KillTarget {
  return held(t, KillTarget.fromChild(child), child.pid!)
}

test("fromChild accepts Node's child, and the target signals it", async (t) => {
  const child = sleeper(t)
  const target = open(t, child)
  t.true(target.isAlive())
  t.true(target.signal())
  t.is((await ended(child)).signal, 'SIGTERM')
  t.false(target.signal())
})

test('fromChild returns null for a child that did not start', async (t) => {
  const child = spawn('/does/not/exist')
  t.is(KillTarget.fromChild(child), null)
  await once(child, 'error')
  t.is(KillTarget.fromChild(child), null)
})

test('fromChild returns null for a child that has exited', async (t) => {
  const child = start(t, 'true')
  await ended(child)
  t.is(KillTarget.fromChild(child), null)
})

test('fromChild returns null for a child that a signal has terminated', async (t) => {
  const child = sleeper(t)
  child.kill('SIGKILL')
  // `killed` says that a signal was sent, not that the child has exited.
  t.true(child.killed)
  t.not(KillTarget.fromChild(child), null)
  await ended(child)
  t.is(KillTarget.fromChild(child), null)
})

test("fromChild accepts execa's subprocess, and returns null after it has exited", async (t) => {
  const child = execa('sleep', ['600'], { reject: false, env: testEnv(t) })
  t.true(open(t, child).signal())
  t.is((await child).signal, 'SIGTERM')
  t.is(KillTarget.fromChild(child), null)
  t.is(KillTarget.fromChild(execa('/does/not/exist', { reject: false })), null)
})

test("fromChild accepts zx's process, which is gone after it has exited", async (t) => {
  const child = $({ nothrow: true, env: testEnv(t) })`exec sleep 600`
  t.is(typeof child.exitCode.then, 'function')
  t.true(open(t, child).signal())
  t.is((await child).signal, 'SIGTERM')
  t.is(KillTarget.fromChild(child)?.method, 'gone')
})

const shaped = test.macro(async (t, shape: (child: Child) => ChildLike) => {
  const child = sleeper(t)
  t.true(open(t, shape(child)).signal())
  t.is((await ended(child)).signal, 'SIGTERM')
})

test("fromChild accepts an object of the shape of Bun's", shaped, ({ pid }) => ({
  pid,
  exitCode: null,
  signalCode: null,
}))
test("fromChild accepts an object of the shape of Deno's", shaped, ({ pid }) => ({ pid, status: Promise.resolve() }))
test("fromChild accepts an object of the shape of node-pty's", shaped, (child) => ptyOf(child))
test("fromChild accepts tinyexec's shape, which is a promise, too", shaped, ({ pid }) =>
  Object.assign(Promise.resolve(), { pid, exitCode: undefined, process: {} }),
)
test('fromChild accepts a function with a pid', shaped, ({ pid }) => Object.assign(() => {}, { pid }))

/** node-pty's `process` is the name of the process. It has no `exitCode`, and its events are no emitter's. */
function ptyOf({ pid }: { pid?: number | undefined }) {
  const onExit = () => ({ dispose() {} })
  return { pid, cols: 80, rows: 24, process: 'sleep', handleFlowControl: false, onExit, onData: onExit, kill() {} }
}

const python = spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no Python'

testUnless(
  python,
  'terminate ends a process that leads the session of a pseudo-terminal, with all its descendants',
  async (t) => {
    const source = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp('sh', ['sh', '-c', 'sleep 600 & exec sleep 600'])
print(pid, flush=True)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
`
    const parent = start(t, 'python3', ['-c', source])
    const pid = await number(parent)
    t.like(await terminate(pid), { outcome: 'exited', survivors: [] })
    t.is(await number(parent), -15)
  },
)

test('an object of the shape of node-pty without a pid is not told to pass its name', (t) => {
  const { pid: _, ...without } = ptyOf({})
  const error = t.throws(() => KillTarget.fromChild(without as never), { code: 'ERR_INVALID_ARG_TYPE' })
  t.false(error?.message.includes('pass its `process`'), error?.message)
  t.throws(() => KillTarget.fromChild({ process: { pid: process.pid } } as never), { message: /pass its `process`/ })
})

test("fromChild trusts the exit fields of an object of Bun's shape", async (t) => {
  const { pid } = sleeper(t)
  t.is(KillTarget.fromChild({ pid, exitCode: 0, signalCode: null }), null)
  t.is(KillTarget.fromChild({ pid, exitCode: null, signalCode: 'SIGTERM' }), null)
})

test('fromChild reports a process that is no child as gone, and does not signal it', async (t) => {
  const { pid, reaped } = await grandchild(t)
  for (const other of [pid, process.pid, process.ppid, 1]) {
    for (const options of [undefined, { allowUnverified: true }]) {
      using target = KillTarget.fromChild({ pid: other }, options)
      t.like(target, { pid: other, method: 'gone', raceFree: true })
      t.deepEqual([target?.isAlive(), target?.signal('SIGKILL')], [false, false])
    }
  }
  process.kill(pid, 'SIGTERM')
  t.is(await reaped(), 128 + 15)
})

test('fromChild accepts a zombie that Node has not reaped yet', async (t) => {
  const child = start(t, 'true')
  while (state(child.pid) !== 'Z');
  const target = open(t, child)
  t.deepEqual([target.isAlive(), target.signal()], [false, true])
  await ended(child)
  t.deepEqual([target.isAlive(), target.signal()], [false, false])
})

test('a child object stands for the same process each time it is opened', async (t) => {
  const child = sleeper(t)
  const object = { pid: child.pid }
  open(t, object).close()
  const opened = performance.now()
  const targets = [open(t, object), open(t, object)]
  // Start times have a resolution of 10 ms.
  await until(() => performance.now() > opened + 50, 'a few clock ticks')
  targets.push(open(t, object))
  t.deepEqual(
    targets.map((target) => target.isAlive()),
    [true, true, true],
  )
  child.kill('SIGKILL')
  await ended(child)
  t.deepEqual(
    targets.map((target) => target.signal()),
    [false, false, false],
  )
  t.is(KillTarget.fromChild(object)?.method, 'gone')
})

test('a child is gone that Node has reaped with others and not reported yet', async (t) => {
  const short = Array.from({ length: 50 }, () => start(t, 'true', [], { stdio: 'ignore' }))
  const long = Array.from({ length: 5 }, () => sleeper(t))
  // All exit while the event loop is blocked, so one turn of it reaps all of them.
  while (!short.every(({ pid }) => state(pid) === 'Z'));
  let early = 0
  const look = () => {
    for (const sibling of short) {
      using target = KillTarget.fromChild(sibling)
      const there = stat(sibling.pid)
      if (sibling.exitCode !== null) t.is(target, null)
      else t.is(target?.method, there === undefined ? 'gone' : truth.method)
      t.is(there?.ppid ?? process.pid, process.pid)
      if (sibling.exitCode === null && there === undefined) early++
    }
    for (const sibling of long) t.true(open(t, sibling).isAlive())
  }
  short.forEach((child) => child.once('exit', look))
  await Promise.all(short.map(ended))
  t.true(early > 0)
  for (const child of long) t.true(open(t, child).signal('SIGUSR1'))
  for (const child of long) t.is((await ended(child)).signal, 'SIGUSR1')
})

const refuses = test.macro((t, code: string, cases: readonly (readonly [unknown, unknown?])[]) => {
  for (const [child, options] of cases) {
    t.throws(
      () => KillTarget.fromChild(child as ChildLike, options as OpenOptions),
      { code },
      inspect([child, options]),
    )
  }
})

const wrongPids = [0, -1, 1.5, NaN, Infinity, 2 ** 31, -(2 ** 31)].map((pid) => [{ pid }] as const)

const wrongOptions = [{ pid: process.pid }, { pid: process.pid, exitCode: 0 }, {}].flatMap((child) =>
  [null, 1, 'x', true, { allowUnverified: 1 }, { allowUnverified: null }].map((options) => [child, options] as const),
)

test('fromChild refuses a value that is no object', refuses, 'ERR_INVALID_ARG_TYPE', [
  [undefined],
  [null],
  [7],
  ['7'],
  [true],
  [7n],
])
test('fromChild refuses a pid that is no number', refuses, 'ERR_INVALID_ARG_TYPE', [
  [{ pid: '7' }],
  [{ pid: 7n }],
  [{ pid: {} }],
])
test('fromChild refuses a pid that is no positive 32-bit integer', refuses, 'ERR_OUT_OF_RANGE', wrongPids)
test(
  'fromChild refuses wrong options, even for a child that has exited or never started',
  refuses,
  'ERR_INVALID_ARG_TYPE',
  wrongOptions,
)

test('a child object with a changed pid stands for another process', async (t) => {
  const [one, other] = [sleeper(t), sleeper(t)]
  const service = { pid: one.pid }
  const first = open(t, service)
  service.pid = other.pid
  const second = open(t, service)
  t.is(second.pid, other.pid)
  t.true(second.signal('SIGKILL'))
  t.is((await ended(other)).signal, 'SIGKILL')
  t.true(first.isAlive())
  t.is(state(one.pid), 'S')
})

test('an object with the pid of this process is gone, and its group is protected', (t) => {
  using target = KillTarget.fromChild({ pid: process.pid })!
  t.is(target.method, 'gone')
  t.false(target.signal(0))
  t.throws(() => target.signalPg('SIGURG'), { code: 'ERR_PROTECTED_TARGET' })
})
