import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { execa } from 'execa'
import { type ChildLike, type ExitStatus, KillTarget } from 'killtarget'
import { $ } from 'zx'
import {
  type Child,
  ended,
  NO_PID,
  testEnv,
  shell,
  sleeper,
  start,
  state,
  until,
  within,
} from '../helpers/processes.ts'
import { endedBy, exitedWith, rightOrUnknown, UNKNOWN } from '../helpers/status.ts'
import { open } from '../helpers/target.ts'

/** Waits for a child by its object and by its pid, and for its `exit` event. */
async function exits(t: ExecutionContext, child: Child): Promise<{ byChild: ExitStatus; byPid: ExitStatus }> {
  const [one, other] = [KillTarget.fromChild(child)!, KillTarget.fromPid(child.pid)]
  t.teardown(() => [one, other].forEach((target) => target.close()))
  const [byChild, byPid] = await within(Promise.all([one.exited(), other.exited()]), 'the exits')
  t.deepEqual([one.isAlive(), other.isAlive()], [false, false])
  await ended(child)
  return { byChild, byPid }
}

const resolvesTo = test.macro(async (t, script: string, status: ExitStatus) => {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  // Some systems write the core to the working directory.
  const child = shell(t, script, { cwd: folder })
  const { byChild, byPid } = await exits(t, child)
  t.deepEqual(byChild, status)
  rightOrUnknown(t, byPid, status)
  t.deepEqual(await ended(child), { code: status.code, signal: status.signal as NodeJS.Signals | null })
})

for (const code of [0, 1, 7, 128, 255])
  test(`exited resolves to the code ${code} of a child`, resolvesTo, `exit ${code}`, exitedWith(code))
for (const signal of ['HUP', 'INT', 'KILL', 'USR1', 'PIPE', 'TERM']) {
  test(`exited resolves to SIG${signal} of a child`, resolvesTo, `kill -${signal} $$`, endedBy(`SIG${signal}`))
}
test('exited resolves to SIGABRT of a child', resolvesTo, 'ulimit -c 0; kill -ABRT $$', endedBy('SIGABRT'))
test(
  'exited resolves to the signal of a child that dumps its core',
  resolvesTo,
  'ulimit -c unlimited 2>&-; kill -ABRT $$',
  endedBy('SIGABRT'),
)
test('exited resolves to the code of a child that exits later', resolvesTo, 'sleep 0.2; exit 9', exitedWith(9))

test('exited names a real-time signal, which Node cannot, or resolves to an unknown status', async (t) => {
  const child = sleeper(t)
  const target = KillTarget.fromChild(child)!
  t.teardown(() => target.close())
  const exit = target.exited()
  target.signal('SIGRTMIN+3')
  rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGRTMIN+3'))
  t.deepEqual(await ended(child), { code: 0, signal: null })
})

test('exited trusts the code that Node reports after a real-time signal, unless it is 0', async (t) => {
  const child = shell(t, `trap 'exit 5' 37; echo; while :; do sleep 0.01; done`)
  const target = KillTarget.fromChild(child)!
  t.teardown(() => target.close())
  await within(new Promise((resolve) => child.stdout.once('data', resolve)), 'a line')
  target.signal(37)
  t.deepEqual(await within(target.exited(), 'the exit'), exitedWith(5))
})

test('exited resolves to the status of a child that is already a zombie', async (t) => {
  const child = shell(t, 'exit 3')
  while (state(child.pid) !== 'Z');
  const { byChild, byPid } = await exits(t, child)
  t.deepEqual(byChild, exitedWith(3))
  rightOrUnknown(t, byPid, exitedWith(3))
  t.deepEqual(await ended(child), { code: 3, signal: null })
})

test('exited resolves to the status of a child that Node has already reaped', async (t) => {
  const child = sleeper(t)
  const [byChild, byPid] = [KillTarget.fromChild(child)!, open(t, child.pid)]
  t.teardown(() => byChild.close())
  child.kill('SIGINT')
  await ended(child)
  for (let again = 0; again < 3; again++) {
    t.deepEqual(await byChild.exited(), endedBy('SIGINT'))
    rightOrUnknown(t, await byPid.exited(), endedBy('SIGINT'))
  }
})

test("exited resolves to the status of execa's and zx's children", async (t) => {
  const env = testEnv(t)
  const subjects: [ChildLike & PromiseLike<unknown>, ExitStatus][] = [
    [execa('sh', ['-c', 'exit 7'], { reject: false, env }), exitedWith(7)],
    [execa('sh', ['-c', 'kill $$'], { reject: false, env }), endedBy('SIGTERM')],
    [$({ nothrow: true, env })`exit 7`, exitedWith(7)],
    [$({ nothrow: true, env })`kill $$`, endedBy('SIGTERM')],
  ]
  const targets = subjects.map(([child]) => KillTarget.fromChild(child)!)
  for (const [index, [child, status]] of subjects.entries()) {
    using target = targets[index]!
    t.deepEqual(await within(target.exited(), 'the exit'), status)
    await child
    t.deepEqual(await within(target.exited(), 'the exit'), status)
  }
})

class OfBun {
  exitCode: number | null = null
  signalCode = null
  get exited() {
    return Promise.resolve().then(() => (this.exitCode = 7))
  }
}

const shaped = test.macro(async (t, shape: (child: Child) => object, status: ExitStatus = UNKNOWN) => {
  const child = shell(t, 'exit 7')
  const object = Object.assign(shape(child), { pid: child.pid })
  const target = KillTarget.fromChild(object)!
  t.teardown(() => target.close())
  await ended(child)
  const exit = await within(target.exited(), 'the exit')
  if (status === UNKNOWN) rightOrUnknown(t, exit, exitedWith(7))
  else t.deepEqual(exit, status)
})

test("exited reads the exit code of an object of Bun's shape", shaped, () => new OfBun(), exitedWith(7))
test(
  "exited reads the status promise of an object of Deno's shape",
  shaped,
  () => ({ status: Promise.resolve({ code: 7, signal: null }) }),
  exitedWith(7),
)
test('exited resolves for an object without exit fields', shaped, () => ({}))
test('exited resolves for an object with an empty status', shaped, () => ({ status: Promise.resolve() }))
test('exited resolves for an object with a rejected status', shaped, () => {
  const status = Promise.reject(new Error('on purpose'))
  status.catch(() => {})
  return { status }
})

test('Node emits the exit event of each child that exited waits for', async (t) => {
  const children = Array.from({ length: 100 }, (_, code) => start(t, 'sh', ['-c', `exit ${code}`]))
  const waits = children.map((child) => KillTarget.fromChild(child)!.exited())
  t.deepEqual(
    await within(Promise.all(waits), 'the exits'),
    children.map((_, code) => exitedWith(code)),
  )
  for (const [code, child] of children.entries()) t.deepEqual(await ended(child), { code, signal: null })
})

test('all waits of a child object share one listener', async (t) => {
  const child = Object.assign(new EventEmitter(), { pid: NO_PID, exitCode: null as number | null })
  const target = KillTarget.fromChild(child)!
  t.is(target.method, 'gone')
  const statuses = Array.from({ length: 20 }, () => target.exited())
  await until(() => child.listenerCount('exit') > 0, 'the first listener')
  await new Promise((resolve) => setImmediate(resolve))
  t.is(child.listenerCount('exit'), 1)
  child.exitCode = 7
  child.emit('exit')
  t.deepEqual(await Promise.all(statuses), Array(20).fill(exitedWith(7)))
})
