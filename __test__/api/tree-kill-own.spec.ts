import { readdirSync } from 'node:fs'
import test from 'ava'
import treeKill from 'killtarget/tree-kill'
import type { Found } from '../fixtures/tree-kill-storm.ts'
import { controlledGroup, NOBODY, OURS } from '../helpers/controlled-group.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { ended, json, line, number, program, shell, sleeper, stat, until } from '../helpers/processes.ts'
import { isOver, told, tree } from '../helpers/tree-kill.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

// What tree-kill does not do, or does otherwise: docs/tree-kill.md.

test('what addresses groups or nobody is refused at once, to the callback or by an error that is thrown', (t) => {
  for (const pid of [0, -1, -process.pid, '0', '-1', -0.5, 0.5, 5e-7, 2 ** 31, 1e21, '2147483648']) {
    const errors: unknown[] = []
    // A signal that would do no harm.
    treeKill(pid as number, 0, (error) => errors.push(error))
    t.is(errors.length, 1, String(pid))
    t.like(errors[0], { code: 'ERR_OUT_OF_RANGE' })
    t.throws(() => treeKill(pid as number, 0), { code: 'ERR_OUT_OF_RANGE' })
  }
})

test('the part of a pid behind the point is cut off', async (t) => {
  const child = sleeper(t)
  t.deepEqual(await told(treeKill, child.pid + 0.9), [])
  t.is((await ended(child)).signal, 'SIGTERM')
})

test("a thread's id is refused", async (t) => {
  const child = program(t, `console.log('ready'); setTimeout(() => {}, 60_000)`)
  await line(child)
  const thread = readdirSync(`/proc/${child.pid}/task`).find((id) => Number(id) !== child.pid)!
  const [error] = await told(treeKill, thread)
  t.like(error, { code: 'ERR_NOT_A_PROCESS', pid: Number(thread) })
  t.false(isOver(child.pid))
})

test('no program is needed', async (t) => {
  const { root, pids } = await tree(t)
  const source = `
    import kill from 'killtarget/tree-kill'
    process.env.PATH = ''
    kill(Number(process.argv[1]), 'SIGKILL', (error) => console.log(error))
  `
  t.is(await line(program(t, source, [root.pid])), 'undefined')
  await until(() => pids.every(isOver))
})

test('it has begun when the call returns', async (t) => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const { root, pids } = await tree(t)
    const source = `
      import kill from 'killtarget/tree-kill'
      kill(Number(process.argv[1]), '${signal}')
      process.exit()
    `
    t.is((await ended(program(t, source, [root.pid]))).code, 0)
    t.is((await ended(root)).signal, signal)
    await until(() => pids.every(isOver))
  }
})

test('who calls it comes last, whatever the signal', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import kill from 'killtarget/tree-kill'
    const child = spawn('sh', ['-c', "sh -c 'sleep 60 & echo $!; wait' & echo $!; wait"])
    let pids = String(child.pid)
    child.stdout.on('data', (text) => {
      pids = [pids, ...String(text).trim().split(/\\s+/)].join()
      if (pids.split(',').length < 3) return
      console.log(JSON.stringify(pids.split(',').map(Number)))
      kill(process.pid, process.argv[1])
    })
  `
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGUSR2'] as const) {
    const child = program(t, source, [signal])
    const pids = await json<number[]>(child)
    t.is((await ended(child)).signal, signal)
    await until(() => pids.every(isOver))
  }
})

testUnless(notRoot, 'who may not be signalled keeps nobody else from being signalled', async (t) => {
  const source = `
    import kill from 'killtarget/tree-kill'
    process.setuid(${NOBODY})
    kill(Number(process.argv[1]), 'SIGKILL', ({ code }) => console.log(code))
  `
  const { parent, members } = await controlledGroup(t, [OURS, NOBODY, OURS, NOBODY])
  t.is(await line(program(t, source, [parent.pid])), 'EPERM')
  await until(() => [members[1]!, members[3]!].every(isOver))
  t.deepEqual([parent.pid, ...members].map(isOver), [false, false, true, false, true])
})

test('whose parent is over is found by the session', async (t) => {
  const root = shell(t, '(sleep 60 & echo $!) & wait; exec sleep 60', { detached: true })
  const orphan = await number(root)
  // The one between them is in the session, too, for as long as it is there.
  await until(() => stat(stat(orphan)!.ppid)?.sid !== root.pid)
  t.deepEqual(await told(treeKill, root.pid), [])
  await until(() => isOver(orphan))
})

for (const [title, ...args] of [
  ['who is forked meanwhile does not escape', '10'],
  ['nor where the process that calls it exits in the middle: and nobody stays stopped', '12', 'exits'],
] as const) {
  testUnless(noPidNamespace ?? undefined, title, async (t) => {
    const found = await inNamespace<Found>('tree-kill-storm.ts', { args, timeout: 120_000 })
    t.deepEqual(found, { left: [], errors: [] })
  })
}
