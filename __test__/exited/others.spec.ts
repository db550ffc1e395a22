import test from 'ava'
import type { ExitStatus } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { found } from '../helpers/fixture.ts'
import { childFactory } from '../helpers/child-factory.ts'
import { ended, grandchild, line, shell, stat, start, state, until, within } from '../helpers/processes.ts'
import { afterReaping, endedBy, exitedWith, ofZombie, rightOrUnknown, UNKNOWN } from '../helpers/status.ts'
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

for (const [what, user, reason] of [
  ['a grandchild', undefined, noCompiler],
  ['a process of another user', NOBODY, noCompiler ?? notRoot],
] as const) {
  testUnless(reason, `exited resolves to the status of ${what} before it is reaped`, async (t) => {
    const { start: startChild, reap } = childFactory(t)
    for (const [end, status, code] of ends) {
      const pid = await startChild(code, user)
      const target = open(t, pid)
      const exit = target.exited()
      end(pid)
      t.deepEqual(await within(exit, 'the exit'), ofZombie(status))
      t.is(state(pid), 'Z')
      const zombie = open(t, pid)
      t.deepEqual(await within(zombie.exited(), 'the exit'), ofZombie(status), 'a zombie when it was opened')
      const reaped = await reap(pid)
      t.true(status.signal === null ? reaped === status.code! << 8 : (reaped & 0x7f) > 0)
      t.deepEqual(await within(target.exited(), 'the exit'), afterReaping(status), 'reaped')
    }
  })

  testUnless(
    reason,
    `exited resolves to the status of ${what} that is reaped at once, or to an unknown one`,
    async (t) => {
      const { start: startChild, reapAll } = childFactory(t)
      await reapAll()
      for (const [end, status, code] of ends) {
        const pid = await startChild(code, user)
        const target = open(t, pid)
        const exit = target.exited()
        end(pid)
        rightOrUnknown(t, await within(exit, 'the exit'), status)
      }
    },
  )
}

testUnless(noCompiler, 'exited resolves to the status of an orphan, or to an unknown one', async (t) => {
  const { start: startChild, orphan } = childFactory(t)
  const pid = await startChild(37)
  await orphan(pid)
  const target = open(t, pid)
  const exit = target.exited()
  process.kill(pid, 'SIGUSR1')
  rightOrUnknown(t, await within(exit, 'the exit'), exitedWith(37))
})

testUnless(
  noCompiler ?? notRoot,
  'exited resolves to an unknown status for a zombie of another user, and does not trust its 0',
  async (t) => {
    const { start: startChild, reap } = childFactory(t)
    for (const code of [0, 37]) {
      const pid = await startChild(code)
      process.kill(pid, 'SIGUSR1')
      await until(() => state(pid) === 'Z')
      t.deepEqual(await found<ExitStatus>(t, 'exited-as.mjs', { args: [NOBODY, pid] }), UNKNOWN)
      t.is(await reap(pid), code << 8)
    }
  },
)

testUnless(noCompiler ?? notRoot, 'exited waits for a process of root as an unprivileged user', async (t) => {
  const { start: startChild, reapAll } = childFactory(t)
  await reapAll()
  const pid = await startChild(37)
  const status = await found<ExitStatus>(t, 'exited-as.mjs', { args: [NOBODY, pid, 'SIGUSR1'] })
  t.deepEqual(status, status.known ? exitedWith(37) : UNKNOWN)
})

test('exited resolves to the status of a zombie, and again after that was reaped', async (t) => {
  const { pid, becomeZombie, reaped } = await grandchild(t)
  await becomeZombie()
  const held = open(t, pid)
  t.deepEqual(await within(held.exited(), 'the exit'), endedBy('SIGKILL'))
  await reaped()
  t.deepEqual(await within(held.exited(), 'the exit'), afterReaping(endedBy('SIGKILL')))
})

testUnless(noCompiler, 'exited resolves when all threads have exited, not when the first one has', async (t) => {
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

test('exited does not resolve when a process stops or continues', async (t) => {
  const { pid } = shell(t, 'exec sleep 600')
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

test('exited resolves while another process holds the pipes open', async (t) => {
  const child = shell(t, 'sleep 600 & exit 7')
  let closed = false
  child.once('close', () => (closed = true))
  const target = open(t, child.pid)
  rightOrUnknown(t, await within(target.exited(), 'the exit'), exitedWith(7))
  t.deepEqual(await ended(child), { code: 7, signal: null })
  t.false(closed)
})
