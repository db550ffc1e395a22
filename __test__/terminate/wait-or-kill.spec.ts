import { getEventListeners } from 'node:events'
import test from 'ava'
import { KillTarget, waitOrKill } from 'killtarget'
import { ended, line, shell, sleeper, start, within } from '../helpers/processes.ts'
import { endedBy, exitedWith, UNKNOWN } from '../helpers/status.ts'
import { groupEndingAtSigterm, ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { open } from '../helpers/target.ts'

const byItself = { timedOut: false, aborted: false, termination: null }

test('who ends in time has its status told, and nothing is sent', async (t) => {
  const child = shell(t, 'read _; exit 7')
  const { signal } = new AbortController()
  const waiting = waitOrKill(child, { timeout: 60_000, signal })
  child.stdin.end('\n')
  t.deepEqual(await within(waiting, 'the end'), { status: exitedWith(7), ...byItself })
  t.deepEqual(getEventListeners(signal, 'abort'), [])
})

test('who takes too long is ended, with its group', async (t) => {
  const leader = await groupEndingAtSigterm(t, 2)
  const { status, timedOut, aborted, termination } = await waitOrKill(leader, { timeout: 50 })
  t.deepEqual([status, timedOut, aborted], [endedBy('SIGTERM'), true, false])
  t.like(termination, { outcome: 'exited', ended: 3, survivors: [] })
})

test('who takes too long and is stubborn is killed', async (t) => {
  const child = await ignoresSigterm(t)
  const { status, termination } = await waitOrKill(child, { timeout: 20, grace: 100, killTimeout: 10_000 })
  t.deepEqual(status, endedBy('SIGKILL'))
  t.is(termination!.outcome, 'killed')
})

test('an abort ends it', async (t) => {
  const child = sleeper(t)
  const controller = new AbortController()
  const waiting = waitOrKill(child, { signal: controller.signal, timeout: 60_000 })
  controller.abort(new Error('enough'))
  const { status, timedOut, aborted, termination } = await within(waiting, 'the end')
  t.deepEqual([status, timedOut, aborted], [endedBy('SIGTERM'), false, true])
  t.is(termination!.outcome, 'exited')
  t.deepEqual(getEventListeners(controller.signal, 'abort'), [])
})

test('who was over before was not terminated for an abort', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGKILL')
  await ended(child)
  t.like(await waitOrKill(target, { signal: AbortSignal.abort() }), byItself)
  t.like(await waitOrKill(target, { signal: AbortSignal.abort(), timeout: 0 }), byItself)
})

test('a signal that was aborted before acts at once', async (t) => {
  const { aborted, termination } = await waitOrKill(sleeper(t).pid, { signal: AbortSignal.abort() })
  t.true(aborted)
  t.is(termination!.outcome, 'exited')
})

test('who could not be ended has no status, and is named', async (t) => {
  const child = await ignoresSigterm(t)
  const { status, timedOut, termination } = await waitOrKill(child, { timeout: 0, grace: false, killTimeout: 50 })
  t.deepEqual([status, timedOut, termination!.outcome], [UNKNOWN, true, 'survived'])
  t.is(termination!.survivors[0]!.pid, child.pid)
  t.is(child.signalCode, null)
})

test('a child that has ended says so itself, and so does one that never was', async (t) => {
  const [first, second] = [shell(t, 'exit 7'), sleeper(t)]
  second.kill('SIGUSR1')
  await ended(first)
  await ended(second)
  t.deepEqual(await waitOrKill(first), { status: exitedWith(7), ...byItself })
  t.deepEqual(await waitOrKill(second, { timeout: 0 }), { status: endedBy('SIGUSR1'), ...byItself })
  t.deepEqual(await waitOrKill({ pid: undefined }), { status: UNKNOWN, ...byItself })
})

test('who keeps the pipes open does not keep a child from being over', async (t) => {
  const child = shell(t, 'sleep 60 & echo started; exit 7')
  await line(child)
  t.deepEqual(await within(waitOrKill(child, { timeout: 20_000 }), 'the end'), { status: exitedWith(7), ...byItself })
})

test('the target that it was given stays open', async (t) => {
  const child = start(t, 'true')
  const target = KillTarget.fromChild(child)!
  await waitOrKill(target)
  t.false(target.isAlive())
  target.close()
})

test('wrong options of its own are told by their names', async (t) => {
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

test('who is protected is not ended, and that is told', async (t) => {
  const options = { timeout: 0, killSignal: 'SIGURG', grace: false, killTimeout: 0 } as const
  await t.throwsAsync(waitOrKill(process.ppid, options), { code: 'ERR_PROTECTED_TARGET' })
})
