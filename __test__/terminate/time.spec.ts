import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { KillTarget, waitOrKill } from 'killtarget'
import { run } from '../helpers/fixture.ts'
import { line, shell, sleeper } from '../helpers/processes.ts'

/** Milliseconds, on a busy machine. */
const DEADLINE = 60_000

/** Returns the path of a file that a process may make. */
function markFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return join(folder, 'mark')
}

/** Keeps JavaScript busy until the condition holds. Returns false if that takes too long. */
function busyUntil(holds: () => boolean): boolean {
  const start = performance.now()
  while (performance.now() - start < DEADLINE) if (holds()) return true
  return false
}

/** What fakes the timers: node:test, sinon and Jest's modern timers, Vitest, Jest's legacy timers. */
for (const how of ['node:test', 'sinon', 'vitest', 'legacy']) {
  for (const when of ['before', 'after']) {
    test(`time-outs come although the timers of ${how} were faked ${when} the load of the package`, async (t) => {
      const { code, stdout, stderr } = await run(t, 'fake-timers.mjs', { args: [when, how], timeout: DEADLINE })
      t.is(code, 0, stderr)
      t.deepEqual(JSON.parse(stdout), {
        aborted: true,
        timedOut: true,
        outcome: 'killed',
        error: 'ERR_TIMEOUT',
        signal: 'SIGTERM',
      })
    })
  }
}

test('waitOrKill terminates a process in time while JavaScript is busy', async (t) => {
  const mark = markFile(t)
  const child = shell(t, `trap 'echo > "${mark}"; exit 5' TERM; echo ready; while :; do sleep 0.01; done`)
  await line(child)
  const waiting = waitOrKill(child, { timeout: 100 })
  t.true(busyUntil(() => existsSync(mark)))
  const { status, timedOut, aborted, termination } = await waiting
  t.deepEqual([status.code, timedOut, aborted], [5, true, false])
  t.like(termination, { outcome: 'exited', survivors: [] })
})

test('waitOrKill sends SIGKILL in time while JavaScript is busy', async (t) => {
  const child = shell(t, 'trap "" TERM; echo ready; while :; do sleep 0.01; done')
  await line(child)
  const target = KillTarget.fromChild(child)!
  const waiting = waitOrKill(child, { timeout: 50, grace: 50 })
  t.true(busyUntil(() => !target.isAlive()))
  const { status, timedOut, termination } = await waiting
  t.deepEqual([status.signal, timedOut, termination!.outcome], ['SIGKILL', true, 'killed'])
  target.close()
})

test('a process that exits before the time-out was not terminated, however long JavaScript is busy then', async (t) => {
  const child = spawn('sh', ['-c', 'exit 3'])
  const target = KillTarget.fromChild(child)!
  const timeout = 3000
  const start = performance.now()
  const waiting = waitOrKill(target, { timeout })
  t.true(busyUntil(() => performance.now() - start > timeout + 100))
  t.like(await waiting, { status: { code: 3, signal: null, known: true }, timedOut: false, termination: null })
  target.close()
})

test('an abort after the time-out leaves the termination as it is', async (t) => {
  const controller = new AbortController()
  const mark = markFile(t)
  const child = shell(t, `trap 'echo > "${mark}"' TERM; echo ready; while :; do sleep 0.01; done`)
  await line(child)
  const waiting = waitOrKill(child, { timeout: 0, grace: 500, signal: controller.signal })
  t.true(busyUntil(() => existsSync(mark)))
  controller.abort()
  const { timedOut, aborted, termination } = await waiting
  t.deepEqual([timedOut, aborted, termination!.outcome], [true, false, 'killed'])
})

test('`forceSignal` skips the grace period that a time-out has begun', async (t) => {
  const controller = new AbortController()
  const child = shell(t, 'trap "echo asked" TERM; echo ready; while :; do sleep 0.01; done')
  await line(child)
  const waiting = waitOrKill(child, { timeout: 20, grace: DEADLINE * 10, forceSignal: controller.signal })
  t.is(await line(child), 'asked')
  controller.abort()
  const { timedOut, termination } = await waiting
  t.deepEqual([timedOut, termination!.outcome], [true, 'killed'])
})

test('a time-out whose `forceSignal` is aborted before it sends SIGKILL soon after the polite signal', async (t) => {
  const controller = new AbortController()
  const child = shell(t, 'trap "" TERM; echo ready; while :; do sleep 0.01; done')
  await line(child)
  const waiting = waitOrKill(child, { timeout: 200, grace: DEADLINE * 10, forceSignal: controller.signal })
  controller.abort()
  const { timedOut, termination } = await waiting
  t.deepEqual([timedOut, termination!.outcome], [true, 'killed'])
})

test('a time-out that is refused rejects waitOrKill', async (t) => {
  const child = sleeper(t)
  const error = await t.throwsAsync(waitOrKill(process.pid, { timeout: 1 }))
  t.is((error as { code?: string }).code, 'ERR_PROTECTED_TARGET')
  t.true(child.kill())
})
