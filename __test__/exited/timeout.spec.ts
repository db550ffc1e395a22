import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import test from 'ava'
import { exited, type ExitedOptions, KillError, KillTarget } from 'killtarget'
import { ended, sleeper, start, state, within } from '../helpers/processes.ts'
import { endedBy, rightOrUnknown } from '../helpers/status.ts'
import { open } from '../helpers/target.ts'

for (const timeout of [0, 1, 20.5]) {
  test(`exited rejects with ERR_TIMEOUT after ${timeout} ms, and leaves the process running`, async (t) => {
    const { pid } = sleeper(t)
    const target = open(t, pid)
    const error = await t.throwsAsync(target.exited({ timeout }), { instanceOf: KillError })
    t.deepEqual({ ...(error as KillError) }, { code: 'ERR_TIMEOUT', pid })
    const remedy = 'To terminate it after a timeout, call waitOrKill().'
    t.is(error.message, `Process ${pid} did not exit within ${timeout} ms. ${remedy}`)
    t.true(target.isAlive())
  })
}

test('exited takes a timeout above the range of timers for no timeout', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  const exits = [2 ** 31, Number.MAX_VALUE, Infinity, undefined].map((timeout) => target.exited({ timeout: timeout! }))
  await turn()
  await t.throwsAsync(target.exited({ timeout: 50 }), { code: 'ERR_TIMEOUT' })
  child.kill('SIGKILL')
  for (const exit of exits) rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
})

test('exited resolves for a process that exited in time, however long the event loop was busy', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  const exits = [0, 1, 50].map((timeout) => target.exited({ timeout }))
  child.kill('SIGKILL')
  while (state(child.pid) !== 'Z');
  for (const end = performance.now() + 100; performance.now() < end;);
  for (const exit of exits) rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
  await ended(child)
  for (let again = 0; again < 20; again++) rightOrUnknown(t, await target.exited({ timeout: 0 }), endedBy('SIGKILL'))
})

test('exited rejects with the reason of an already aborted signal, even after the process has exited', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  const reason = { any: 'thing' }
  t.is(await rejection(target.exited({ signal: AbortSignal.abort(reason) })), reason)
  const { name } = (await rejection(target.exited({ signal: AbortSignal.abort() }))) as Error
  t.is(name, 'AbortError')
  child.kill('SIGKILL')
  await ended(child)
  t.is(await rejection(target.exited({ signal: AbortSignal.abort(reason) })), reason)
  t.is(await rejection(target.exited({ signal: AbortSignal.abort(undefined), timeout: 0 })).then(nameOf), 'AbortError')
})

test('exited rejects with the reason of an already aborted signal for a child that has exited or never started', async (t) => {
  const child = start(t, 'true')
  await ended(child)
  const signal = AbortSignal.abort('why')
  for (const each of [child, { pid: undefined }]) t.is(await rejection(exited(each, { signal })), 'why')
})

test('exited rejects with the reason when its signal is aborted, and other waits stay pending', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  const controller = new AbortController()
  const aborted = [1, 2, 3].map(() => target.exited({ signal: controller.signal }))
  const going = [target.exited(), target.exited({ signal: new AbortController().signal })]
  controller.abort('enough')
  for (const exit of aborted) t.is(await rejection(exit), 'enough')
  t.true(target.isAlive())
  t.is(nameOf(await rejection(target.exited({ signal: AbortSignal.timeout(5) }))), 'TimeoutError')
  child.kill('SIGKILL')
  for (const exit of going) rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
})

test('an abort after the exit has no effect', async (t) => {
  const child = sleeper(t)
  const controller = new AbortController()
  const exit = open(t, child.pid).exited({ signal: controller.signal })
  child.kill('SIGKILL')
  rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
  controller.abort()
  rightOrUnknown(t, await exit, endedBy('SIGKILL'))
})

test('10,000 waits with one AbortSignal leave no listener on it', async (t) => {
  const [child, over] = [sleeper(t), sleeper(t)]
  over.kill('SIGKILL')
  await ended(over)
  const target = open(t, child.pid)
  const gone = KillTarget.fromPid(over.pid)
  const { signal } = new AbortController()
  const warned = (warning: Error) => t.fail(String(warning))
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  const listeners = () => getEventListeners(signal, 'abort').length
  for (let done = 0; done < 2500; done += 100) {
    const waits = Array.from({ length: 100 }, () => [target.exited({ signal, timeout: 0 }), gone.exited({ signal })])
    await Promise.allSettled(waits.flat())
  }
  t.is(listeners(), 0)
  const waits = Array.from({ length: 5000 }, () => target.exited({ signal }))
  t.is(listeners(), 1)
  child.kill('SIGKILL')
  await within(Promise.all(waits), 'the exits')
  t.is(listeners(), 0)
  const wrong = [target.exited({ signal, timeout: -1 }), target.exited({ signal, ref: 0 as never })]
  await Promise.allSettled(wrong)
  t.is(listeners(), 0)
})

const refuses = test.macro(async (t, code: string, options: readonly unknown[]) => {
  const target = open(t, process.pid)
  const closed = KillTarget.fromPid(process.pid)
  closed.close()
  for (const each of options) {
    // Neither call throws. Each returns a promise.
    for (const promise of [target.exited(each as ExitedOptions), closed.exited(each as ExitedOptions)]) {
      await t.throwsAsync(promise, { code }, inspect(each))
    }
  }
})

const wrongTypes = [null, 1, 'x', true, () => {}]
test('exited refuses options that are no object', refuses, 'ERR_INVALID_ARG_TYPE', wrongTypes)
test(
  'exited refuses a timeout that is no number',
  refuses,
  'ERR_INVALID_ARG_TYPE',
  ['1', null, true, {}, 7n].map((timeout) => ({ timeout })),
)
test(
  'exited refuses a timeout that is negative or NaN',
  refuses,
  'ERR_OUT_OF_RANGE',
  [-1, NaN, -Infinity, -0.5].map((timeout) => ({ timeout })),
)
test(
  'exited refuses a signal that is no AbortSignal',
  refuses,
  'ERR_INVALID_ARG_TYPE',
  [null, 'SIGTERM', 7, {}, { aborted: false }, new EventTarget()].map((signal) => ({ signal })),
)
test('exited refuses a `ref` that is no boolean', refuses, 'ERR_INVALID_ARG_TYPE', [
  { ref: 0 },
  { ref: null },
  { ref: 'x' },
])

test('exited rejects for an option that throws, with its error as the cause', async (t) => {
  const target = open(t, process.pid)
  const cause = new Error('on purpose')
  const options = {
    get timeout(): number {
      throw cause
    },
  }
  const error = await t.throwsAsync(target.exited(options), { code: 'ERR_INVALID_ARG_TYPE', message: /`timeout`/ })
  t.is(error?.cause, cause)
})

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new Error(`resolved to ${JSON.stringify(value)}`)),
    (reason) => reason,
  )
}

function nameOf(error: unknown): string {
  return (error as Error).name
}
