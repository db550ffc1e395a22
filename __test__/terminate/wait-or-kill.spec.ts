import { spawn } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import test from 'ava'
import { exited, KillTarget, terminate, waitOrKill } from 'killtarget'
import { ended, line, shell, sleeper, start, within } from '../helpers/processes.ts'
import { endedBy, exitedWith, UNKNOWN } from '../helpers/status.ts'
import { groupEndingAtSigterm, ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { open } from '../helpers/target.ts'

const byItself = { timedOut: false, aborted: false, termination: null }

test('waitOrKill resolves to the status of a process that exits in time, and sends no signal', async (t) => {
  const child = shell(t, 'read _; exit 7')
  const { signal } = new AbortController()
  const waiting = waitOrKill(child, { timeout: 60_000, signal })
  child.stdin.end('\n')
  t.deepEqual(await within(waiting, 'the end'), { status: exitedWith(7), ...byItself })
  t.deepEqual(getEventListeners(signal, 'abort'), [])
})

test('waitOrKill terminates a process and its group after the timeout', async (t) => {
  const leader = await groupEndingAtSigterm(t, 2)
  const { status, timedOut, aborted, termination } = await waitOrKill(leader, { timeout: 50 })
  t.deepEqual([status, timedOut, aborted], [endedBy('SIGTERM'), true, false])
  t.like(termination, { outcome: 'exited', ended: 3, survivors: [] })
})

test('waitOrKill kills a process that ignores SIGTERM after the timeout and the grace period', async (t) => {
  const child = await ignoresSigterm(t)
  const { status, termination } = await waitOrKill(child, { timeout: 20, grace: 100, killTimeout: 10_000 })
  t.deepEqual(status, endedBy('SIGKILL'))
  t.is(termination!.outcome, 'killed')
})

test('waitOrKill terminates the process after an abort', async (t) => {
  const child = sleeper(t)
  const controller = new AbortController()
  const waiting = waitOrKill(child, { signal: controller.signal, timeout: 60_000 })
  controller.abort(new Error('enough'))
  const { status, timedOut, aborted, termination } = await within(waiting, 'the end')
  t.deepEqual([status, timedOut, aborted], [endedBy('SIGTERM'), false, true])
  t.is(termination!.outcome, 'exited')
  t.deepEqual(getEventListeners(controller.signal, 'abort'), [])
})

test('waitOrKill does not report an abort for a process that had exited before', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGKILL')
  await ended(child)
  t.like(await waitOrKill(target, { signal: AbortSignal.abort() }), byItself)
  t.like(await waitOrKill(target, { signal: AbortSignal.abort(), timeout: 0 }), byItself)
})

test('waitOrKill acts at once if the signal is already aborted', async (t) => {
  const { aborted, termination } = await waitOrKill(sleeper(t).pid, { signal: AbortSignal.abort() })
  t.true(aborted)
  t.is(termination!.outcome, 'exited')
})

test('waitOrKill reports an unknown status for a process that survives, and names it', async (t) => {
  const child = await ignoresSigterm(t)
  const { status, timedOut, termination } = await waitOrKill(child, { timeout: 0, grace: false, killTimeout: 50 })
  t.deepEqual([status, timedOut, termination!.outcome], [UNKNOWN, true, 'survived'])
  t.is(termination!.survivors[0]!.pid, child.pid)
  t.is(child.signalCode, null)
})

test('waitOrKill resolves at once for a child that has exited or never started', async (t) => {
  const [first, second] = [shell(t, 'exit 7'), sleeper(t)]
  second.kill('SIGUSR1')
  await ended(first)
  await ended(second)
  t.deepEqual(await waitOrKill(first), { status: exitedWith(7), ...byItself })
  t.deepEqual(await waitOrKill(second, { timeout: 0 }), { status: endedBy('SIGUSR1'), ...byItself })
  t.deepEqual(await waitOrKill({ pid: undefined }), { status: UNKNOWN, ...byItself })
})

test('no exit is known of a child that was not started, before and after its error was told', async (t) => {
  const child = spawn('no-such-program')
  const seen = async () => [await exited(child), (await waitOrKill(child)).status, (await terminate(child)).status]
  const told = once(child, 'error')
  t.deepEqual(await exited(child), UNKNOWN)
  await told
  t.true(child.exitCode! < 0)
  t.deepEqual(await seen(), [UNKNOWN, UNKNOWN, UNKNOWN])
})

test('waitOrKill resolves while another process holds the pipes open', async (t) => {
  const child = shell(t, 'sleep 600 & echo started; exit 7')
  await line(child)
  t.deepEqual(await within(waitOrKill(child, { timeout: 20_000 }), 'the end'), { status: exitedWith(7), ...byItself })
})

test('waitOrKill leaves its target open', async (t) => {
  const child = start(t, 'true')
  const target = KillTarget.fromChild(child)!
  await waitOrKill(target)
  t.false(target.isAlive())
  target.close()
})

test('waitOrKill refuses a wrong option by its name', async (t) => {
  const target = open(t, sleeper(t).pid)
  for (const [options, code, message] of [
    [{ timeout: '1s' }, 'ERR_INVALID_ARG_TYPE', /`options\.timeout`/],
    [{ timeout: -1 }, 'ERR_OUT_OF_RANGE', /`options\.timeout`/],
    [{ killTimeout: -1 }, 'ERR_OUT_OF_RANGE', /`options\.killTimeout`/],
    [{ killTimeout: 'x' }, 'ERR_INVALID_ARG_TYPE', /`options\.killTimeout`/],
    [{ signal: {} }, 'ERR_INVALID_ARG_TYPE', /`options\.signal`/],
  ] as const) {
    await t.throwsAsync(waitOrKill(target, options as never), { code, message })
  }
  t.true(target.isAlive())
})

test('waitOrKill refuses what it could not terminate at the call, and waits for it without a limit', async (t) => {
  const child = shell(t, 'read _; exit 7')
  const { signal } = new AbortController()
  for (const limit of [{ timeout: 60_000 }, { signal }, { leftovers: 'kill' as const }]) {
    const code = 'ERR_NOT_GROUP_LEADER'
    await t.throwsAsync(within(waitOrKill(child, { ...limit, scope: 'group' }), 'the refusal'), { code })
    await t.throwsAsync(within(waitOrKill(process.ppid, limit), 'the refusal'), { code: 'ERR_PROTECTED_TARGET' })
  }
  t.deepEqual(getEventListeners(signal, 'abort'), [])
  const waiting = waitOrKill(child, { scope: 'group' })
  child.stdin.end('\n')
  t.deepEqual(await within(waiting, 'the end'), { status: exitedWith(7), ...byItself })
})

test('waitOrKill refuses a protected process', async (t) => {
  const options = { timeout: 0, killSignal: 'SIGURG', grace: false, killTimeout: 0 } as const
  await t.throwsAsync(waitOrKill(process.ppid, options), { code: 'ERR_PROTECTED_TARGET' })
})
