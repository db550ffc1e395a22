import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { execa } from 'execa'
import { type ChildLike, type ExitStatus, KillTarget } from 'killtarget'
import { $ } from 'zx'
import { type Child, ended, mortal, shell, sleeper, start, state, within } from '../helpers/processes.ts'
import { endedBy, exitedWith, rightOrUnknown, UNKNOWN } from '../helpers/status.ts'
import { open } from '../helpers/target.ts'

/** Waits for a child by its object and by its number, and for what Node tells of it. */
async function exits(t: ExecutionContext, child: Child): Promise<{ byChild: ExitStatus; byPid: ExitStatus }> {
  const [one, other] = [KillTarget.fromChild(child)!, KillTarget.fromPid(child.pid)]
  t.teardown(() => [one, other].forEach((target) => target.close()))
  const [byChild, byPid] = await within(Promise.all([one.exited(), other.exited()]), 'the exits')
  t.deepEqual([one.isAlive(), other.isAlive()], [false, false])
  await ended(child)
  return { byChild, byPid }
}

const told = test.macro(async (t, script: string, status: ExitStatus) => {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  // Where cores are written to the folder that a process is in.
  const child = shell(t, script, { cwd: folder })
  const { byChild, byPid } = await exits(t, child)
  t.deepEqual(byChild, status)
  rightOrUnknown(t, byPid, status)
  t.deepEqual(await ended(child), { code: status.code, signal: status.signal as NodeJS.Signals | null })
})

for (const code of [0, 1, 7, 128, 255]) test(`a child that exits with ${code}`, told, `exit ${code}`, exitedWith(code))
for (const signal of ['HUP', 'INT', 'KILL', 'USR1', 'PIPE', 'TERM']) {
  test(`a child that SIG${signal} ends`, told, `kill -${signal} $$`, endedBy(`SIG${signal}`))
}
test('a child that SIGABRT ends', told, 'ulimit -c 0; kill -ABRT $$', endedBy('SIGABRT'))
test('a child that leaves a core', told, 'ulimit -c unlimited 2>&-; kill -ABRT $$', endedBy('SIGABRT'))
test('a child that is told to be over late', told, 'sleep 0.2; exit 9', exitedWith(9))

test("a real-time signal is told by its name, where the system tells it: Node can't", async (t) => {
  const child = sleeper(t)
  const target = KillTarget.fromChild(child)!
  t.teardown(() => target.close())
  const exit = target.exited()
  target.signal('SIGRTMIN+3')
  rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGRTMIN+3'))
  t.deepEqual(await ended(child), { code: 0, signal: null })
})

test('a code that Node tells after a real-time signal is believed unless it is 0', async (t) => {
  const child = shell(t, `trap 'exit 5' 37; echo; while :; do sleep 0.01; done`)
  const target = KillTarget.fromChild(child)!
  t.teardown(() => target.close())
  await within(new Promise((resolve) => child.stdout.once('data', resolve)), 'a line')
  target.signal(37)
  t.deepEqual(await within(target.exited(), 'the exit'), exitedWith(5))
})

test('a child that is a zombie already', async (t) => {
  const child = shell(t, 'exit 3')
  while (state(child.pid) !== 'Z');
  const { byChild, byPid } = await exits(t, child)
  t.deepEqual(byChild, exitedWith(3))
  rightOrUnknown(t, byPid, exitedWith(3))
  t.deepEqual(await ended(child), { code: 3, signal: null })
})

test('a child that Node has reaped before it is asked for', async (t) => {
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

test("execa's and zx's children tell of their ends", async (t) => {
  const env = mortal(t)
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

test("an object of Bun's shape is asked", shaped, () => new OfBun(), exitedWith(7))
test(
  "an object of Deno's shape is asked",
  shaped,
  () => ({ status: Promise.resolve({ code: 7, signal: null }) }),
  exitedWith(7),
)
test('an object that tells nothing', shaped, () => ({}))
test('an object whose promise tells nothing', shaped, () => ({ status: Promise.resolve() }))
test('an object whose promise fails', shaped, () => {
  const status = Promise.reject(new Error('never told'))
  status.catch(() => {})
  return { status }
})

test('Node tells of the end of each child that was waited for', async (t) => {
  const children = Array.from({ length: 100 }, (_, code) => start(t, 'sh', ['-c', `exit ${code}`]))
  const waits = children.map((child) => KillTarget.fromChild(child)!.exited())
  t.deepEqual(
    await within(Promise.all(waits), 'the exits'),
    children.map((_, code) => exitedWith(code)),
  )
  for (const [code, child] of children.entries()) t.deepEqual(await ended(child), { code, signal: null })
})
