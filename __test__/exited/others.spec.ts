import test from 'ava'
import type { ExitStatus } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { found } from '../helpers/fixture.ts'
import { childFactory } from '../helpers/child-factory.ts'
import { ended, grandchild, line, shell, stat, start, state, until, within } from '../helpers/processes.ts'
import { afterReaping, endedBy, exitedWith, rightOrUnknown, UNKNOWN } from '../helpers/status.ts'
import { open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

const ends: [end: (pid: number) => void, status: ExitStatus, code: number][] = [
  [(pid) => process.kill(pid, 'SIGUSR1'), exitedWith(0), 0],
  [(pid) => process.kill(pid, 'SIGUSR1'), exitedWith(37), 37],
  [(pid) => process.kill(pid, 'SIGUSR1'), exitedWith(255), 255],
  [(pid) => process.kill(pid, 'SIGTERM'), endedBy('SIGTERM'), 0],
  [(pid) => process.kill(pid, 'SIGKILL'), endedBy('SIGKILL'), 0],
  [(pid) => process.kill(pid, 37), endedBy('SIGRTMIN+3'), 0],
]

for (const [who, user, reason] of [
  ["a grandchild's", undefined, noCompiler],
  ["another user's", NOBODY, noCompiler ?? notRoot],
] as const) {
  testUnless(reason, `${who} end is told, and how, while nobody reaps it`, async (t) => {
    const { start: startChild, reap } = childFactory(t)
    for (const [end, status, code] of ends) {
      const pid = await startChild(code, user)
      const target = open(t, pid)
      const exit = target.exited()
      end(pid)
      t.deepEqual(await within(exit, 'the exit'), status)
      t.is(state(pid), 'Z')
      t.deepEqual(await within(open(t, pid).exited(), 'the exit'), status, 'a zombie when it was opened')
      const reaped = await reap(pid)
      t.true(status.signal === null ? reaped === status.code! << 8 : (reaped & 0x7f) > 0)
      t.deepEqual(await within(target.exited(), 'the exit'), afterReaping(status), 'reaped')
    }
  })

  testUnless(reason, `${who} end is told rightly or not at all where it is reaped at once`, async (t) => {
    const { start: startChild, reapAll } = childFactory(t)
    await reapAll()
    for (const [end, status, code] of ends) {
      const pid = await startChild(code, user)
      const target = open(t, pid)
      const exit = target.exited()
      end(pid)
      rightOrUnknown(t, await within(exit, 'the exit'), status)
    }
  })
}

testUnless(noCompiler, "the end of an orphan is told, which is nobody's here", async (t) => {
  const { start: startChild, orphan } = childFactory(t)
  const pid = await startChild(37)
  await orphan(pid)
  const target = open(t, pid)
  const exit = target.exited()
  process.kill(pid, 'SIGUSR1')
  rightOrUnknown(t, await within(exit, 'the exit'), exitedWith(37))
})

testUnless(noCompiler ?? notRoot, 'a zombie of another user shows nothing, and its 0 is not believed', async (t) => {
  const { start: startChild, reap } = childFactory(t)
  for (const code of [0, 37]) {
    const pid = await startChild(code)
    process.kill(pid, 'SIGUSR1')
    await until(() => state(pid) === 'Z')
    const look = () => found<ExitStatus>(t, 'exited-as.mjs', { args: [NOBODY, pid] })
    t.deepEqual(await look(), UNKNOWN)
    t.is(await reap(pid), code << 8)
  }
})

testUnless(noCompiler ?? notRoot, "a root's process is waited for by anybody", async (t) => {
  const { start: startChild, reapAll } = childFactory(t)
  await reapAll()
  const pid = await startChild(37)
  const look = found<ExitStatus>(t, 'exited-as.mjs', { args: [NOBODY, pid, 'SIGUSR1'] })
  const told = await look
  t.deepEqual(told, told.known ? exitedWith(37) : UNKNOWN)
})

test('a process that was reaped when it was opened is gone, and that is all that is known', async (t) => {
  const { pid, becomeZombie, reaped } = await grandchild(t)
  await becomeZombie()
  const held = open(t, pid)
  t.deepEqual(await within(held.exited(), 'the exit'), endedBy('SIGKILL'))
  await reaped()
  t.deepEqual(await within(held.exited(), 'the exit'), afterReaping(endedBy('SIGKILL')))
})

testUnless(noCompiler, 'a process is over when all its threads are, and not when the first one is', async (t) => {
  const child = start(t, compiled('zombie-leader'))
  await line(child)
  await until(() => state(child.pid) === 'Z')
  const target = open(t, child.pid)
  await t.throwsAsync(target.exited({ timeout: 100 }), { code: 'ERR_TIMEOUT' })
  let over = false
  const exit = target.exited().finally(() => (over = true))
  await t.throwsAsync(target.exited({ timeout: 100 }), { code: 'ERR_TIMEOUT' })
  t.false(over)
  child.stdin.end()
  rightOrUnknown(t, await within(exit, 'the exit'), exitedWith(7))
  t.deepEqual(await ended(child), { code: 7, signal: null })
  t.deepEqual(await within(target.exited(), 'the exit'), afterReaping(exitedWith(7)))
})

test('a process that stops is not over, nor one that goes on', async (t) => {
  const { pid } = shell(t, 'exec sleep 60')
  const target = open(t, pid)
  let over = false
  const exit = target.exited().finally(() => (over = true))
  for (const [signal, letter] of [
    ['SIGSTOP', 'T'],
    ['SIGCONT', 'S'],
    ['SIGSTOP', 'T'],
  ] as const) {
    process.kill(pid, signal)
    await until(() => stat(pid)?.state === letter, letter)
    await t.throwsAsync(target.exited({ timeout: 60 }), { code: 'ERR_TIMEOUT' })
    t.false(over)
  }
  process.kill(pid, 'SIGKILL')
  rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
})

test('whoever keeps the pipes open does not keep a process from being over', async (t) => {
  const child = shell(t, 'sleep 60 & exit 7')
  let closed = false
  child.once('close', () => (closed = true))
  const target = open(t, child.pid)
  rightOrUnknown(t, await within(target.exited(), 'the exit'), exitedWith(7))
  t.deepEqual(await ended(child), { code: 7, signal: null })
  t.false(closed)
})
