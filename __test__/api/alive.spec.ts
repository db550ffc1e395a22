import { readdirSync } from 'node:fs'
import test from 'ava'
import { KillError, KillTarget } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { ended, grandchild, line, program, sleeper, start, state, until } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'
import { testUnless } from '../helpers/test-unless.ts'

test('a running process is alive, including this process', (t) => {
  t.true(open(t, sleeper(t).pid).isAlive())
  t.true(open(t, process.pid).isAlive())
})

test('a stopped process is alive', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGSTOP')
  await until(() => state(child.pid) === 'T')
  t.true(target.isAlive())
})

test('a child is not alive after it has exited and Node has reaped it', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGKILL')
  await ended(child)
  t.false(target.isAlive())
})

test('a zombie is not alive, before and after it is reaped', async (t) => {
  const { pid, becomeZombie, reaped } = await grandchild(t)
  const target = open(t, pid)
  t.true(target.isAlive())
  await becomeZombie()
  t.false(target.isAlive())
  t.false(open(t, pid).isAlive())
  await reaped()
  t.false(target.isAlive())
})

testUnless(
  noCompiler,
  'a process is alive while one of its threads runs, even if the first one is a zombie',
  async (t) => {
    const child = start(t, compiled('zombie-leader'))
    await line(child)
    await until(() => state(child.pid) === 'Z')
    const target = open(t, child.pid)
    t.true(target.isAlive())
    t.true(target.signal(0))
    child.stdin.end()
    t.deepEqual(await ended(child), { code: 7, signal: null })
    t.false(target.isAlive())
  },
)

testUnless(noCompiler, 'a signal reaches a process after its first thread became a zombie', async (t) => {
  const child = start(t, compiled('zombie-leader'))
  const target = open(t, child.pid)
  await line(child)
  await until(() => state(child.pid) === 'Z')
  t.true(target.signal())
  t.is((await ended(child)).signal, 'SIGTERM')
  t.false(target.isAlive())
})

test('a thread id is refused as a pid', async (t) => {
  const { pid } = program(t, 'setTimeout(() => {}, 60_000)')
  await until(() => threads(pid).length > 1)
  const thread = threads(pid).find((id) => id !== pid)
  for (const options of [undefined, { allowUnverified: true }]) {
    const error = t.throws(() => KillTarget.fromPid(thread!, options), { instanceOf: KillError })
    t.like(error, { code: 'ERR_NOT_A_PROCESS', pid: thread })
  }
  t.true(open(t, pid).isAlive())
})

test('a thread of this process is neither a process nor a child', (t) => {
  for (const thread of threads(process.pid).filter((id) => id !== process.pid)) {
    t.throws(() => KillTarget.fromPid(thread), { instanceOf: KillError, code: 'ERR_NOT_A_PROCESS' })
    using target = KillTarget.fromChild({ pid: thread })
    t.like(target, { method: 'gone', raceFree: true })
    t.deepEqual([target?.isAlive(), target?.signal(0), target?.signalPg(0)], [false, false, false])
  }
})

function threads(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number)
}
