import { readdirSync } from 'node:fs'
import test from 'ava'
import treeKill from 'killtarget/tree-kill'
import type { Run } from '../fixtures/never-stops.ts'
import type { Found } from '../fixtures/tree-kill-storm.ts'
import { noCompiler } from '../helpers/compile.ts'
import { controlledGroup, NOBODY, OURS } from '../helpers/controlled-group.ts'
import { isUserModeLinux } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { ended, hasExited, json, line, number, program, shell, sleeper, stat, until } from '../helpers/processes.ts'
import { callbackArguments, tree } from '../helpers/tree-kill.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

// Where killtarget/tree-kill differs from tree-kill: docs/tree-kill.md.

test('tree-kill refuses a pid that no process can have at once, by the callback or by throwing', (t) => {
  for (const pid of [0, -1, -process.pid, '0', '-1', -0.5, 0.5, 5e-7, 2 ** 31, 1e21, '2147483648']) {
    const errors: unknown[] = []
    // Signal 0 does no harm.
    treeKill(pid as number, 0, (error) => errors.push(error))
    t.is(errors.length, 1, String(pid))
    t.like(errors[0], { code: 'ERR_OUT_OF_RANGE' })
    t.throws(() => treeKill(pid as number, 0), { code: 'ERR_OUT_OF_RANGE' })
  }
})

test('tree-kill cuts off the fraction of a pid', async (t) => {
  const child = sleeper(t)
  t.deepEqual(await callbackArguments(treeKill, child.pid + 0.9), [])
  t.is((await ended(child)).signal, 'SIGTERM')
})

test('tree-kill refuses a thread id', async (t) => {
  const child = program(t, `console.log('ready'); setTimeout(() => {}, 60_000)`)
  await line(child)
  const thread = readdirSync(`/proc/${child.pid}/task`).find((id) => Number(id) !== child.pid)!
  const [error] = await callbackArguments(treeKill, thread)
  t.like(error, { code: 'ERR_NOT_A_PROCESS', pid: Number(thread) })
  t.false(hasExited(child.pid))
})

test('tree-kill needs no other program', async (t) => {
  const { root, pids } = await tree(t)
  const source = `
    import kill from 'killtarget/tree-kill'
    process.env.PATH = ''
    kill(Number(process.argv[1]), 'SIGKILL', (error) => console.log(error))
  `
  t.is(await line(program(t, source, [root.pid])), 'undefined')
  await until(() => pids.every(hasExited))
})

test('tree-kill completes even if the process exits right after the call', async (t) => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const { root, pids } = await tree(t)
    const source = `
      import kill from 'killtarget/tree-kill'
      kill(Number(process.argv[1]), '${signal}')
      process.exit()
    `
    t.is((await ended(program(t, source, [root.pid]))).code, 0)
    t.is((await ended(root)).signal, signal)
    await until(() => pids.every(hasExited))
  }
})

test('tree-kill signals its own process last, with each signal', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import kill from 'killtarget/tree-kill'
    const child = spawn('sh', ['-c', "sh -c 'sleep 600 & echo $!; wait' & echo $!; wait"])
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
    await until(() => pids.every(hasExited))
  }
})

testUnless(notRoot, 'tree-kill signals the rest of a tree if some processes may not be signalled', async (t) => {
  const source = `
    import kill from 'killtarget/tree-kill'
    process.setuid(${NOBODY})
    kill(Number(process.argv[1]), 'SIGKILL', ({ code }) => console.log(code))
  `
  const { parent, members } = await controlledGroup(t, [OURS, NOBODY, OURS, NOBODY])
  t.is(await line(program(t, source, [parent.pid])), 'EPERM')
  await until(() => [members[1]!, members[3]!].every(hasExited))
  t.deepEqual([parent.pid, ...members].map(hasExited), [false, false, true, false, true])
})

test('tree-kill finds an orphan by the session of the root', async (t) => {
  const root = shell(t, '(sleep 600 & echo $!) & wait; exec sleep 600', { detached: true })
  const orphan = await number(root)
  // The process between them is in the session until it exits.
  await until(() => stat(stat(orphan)!.ppid)?.sid !== root.pid)
  const errors = (await callbackArguments(treeKill, root.pid)) as { code?: string }[]
  // User-mode Linux may take longer than the search may.
  t.deepEqual(isUserModeLinux ? errors.filter(({ code }) => code !== 'ERR_TIMEOUT') : errors, [])
  await until(() => hasExited(orphan))
})

for (const [title, runs, ...exits] of [
  ['tree-kill kills processes that are forked during the call, or reports an error', 10],
  ['tree-kill leaves no process alive or stopped if its own process exits in the middle', 12, 'exits'],
] as const) {
  testUnless(noPidNamespace ?? undefined, title, async (t) => {
    const args = [String(runs), ...exits]
    // On a busy machine a process may take too long to stop. With the one processor of user-mode Linux that is usual.
    for (let more = isUserModeLinux ? 0 : 2; ; more--) {
      const { left, errors } = await inNamespace<Found>('tree-kill-storm.ts', { args, timeout: 120_000 })
      // The exit waits for a limited time, which user-mode Linux may exceed. None is left stopped.
      t.deepEqual(isUserModeLinux && exits.length > 0 ? left.filter((state) => state === 'T') : left, [])
      for (const error of errors)
        t.regex(error, /could not stop [\d, ]+ in time|processes were started faster than scans could find them/)
      if (errors.length > 0) t.log(errors)
      if (errors.length <= runs / 2 || isUserModeLinux) return
      t.true(more > 0, `${errors.length} of ${runs} calls reported an error, three times`)
    }
  })
}

for (const [how, ...session] of [['that leads no session'], ['that leads a session', 'session']] as const) {
  testUnless(
    noPidNamespace ?? noCompiler,
    `tree-kill of a process ${how} and never stops leaves no descendant alive, or reports an error`,
    async (t) => {
      const runs = await inNamespace<Run[]>('never-stops.ts', { args: ['6', ...session], timeout: 120_000 })
      t.is(runs.length, 6)
      t.deepEqual(
        runs.filter(({ left, error }) => left > 0 && error === undefined),
        [],
      )
      for (const { error } of runs) {
        if (error === undefined) continue
        t.is(error.code, 'ERR_TIMEOUT')
        t.regex(error.message, /could not stop [\d, ]+ in time|started faster than scans could find them/)
      }
      // The session shows the orphans, unless the machine is too slow.
      if (session.length > 0) t.log(runs.filter(({ error }) => error !== undefined).length, 'errors')
    },
  )
}
