import test, { type ExecutionContext } from 'ava'
import { type AbortSignalLike, killOnAbort, KillTarget, terminate, waitOrKill } from 'killtarget'
import { heldProcesses } from '../helpers/descriptors.ts'
import { ended, sleeper, until, within } from '../helpers/processes.ts'
import { groupEndingAtSigterm, ignoresSigterm } from '../helpers/ignores-sigterm.ts'

const ERROR = new Error('on purpose')

function fail(): never {
  throw ERROR
}

/** An object like an `AbortSignal`, with some members replaced. `fire` calls its listeners. */
function signalLike(members: Partial<AbortSignalLike> = {}): AbortSignalLike & { fire(): void; listeners: number } {
  const listeners = new Set<() => void>()
  const like = {
    aborted: false,
    addEventListener: (_: 'abort', listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: 'abort', listener: () => void) => void listeners.delete(listener),
    fire: () => listeners.forEach((listener) => listener()),
    get listeners() {
      return listeners.size
    },
  }
  return Object.defineProperties(like, Object.getOwnPropertyDescriptors(members))
}

/** Aborts while it is being listened to: its event comes inside `addEventListener`, or has come when that returns. */
const early: Record<string, () => AbortSignalLike> = {
  'calls its listener inside addEventListener': () =>
    signalLike({ addEventListener: (_, listener) => listener(), reason: ERROR }),
  'is aborted inside addEventListener': () => {
    const like: { aborted: boolean } & AbortSignalLike = signalLike({
      addEventListener: () => void (like.aborted = true),
      reason: ERROR,
    })
    return like
  },
}

const throwing: Record<string, () => AbortSignalLike> = {
  addEventListener: () => signalLike({ addEventListener: fail }),
  aborted: () => {
    let reads = 0
    return signalLike({
      get aborted() {
        return ++reads > 1 ? fail() : false
      },
    })
  },
}

/** Collects unhandled rejections until the test ends. */
function unhandled(t: ExecutionContext): unknown[] {
  const reasons: unknown[] = []
  const add = (reason: unknown) => reasons.push(reason)
  process.on('unhandledRejection', add)
  t.teardown(() => process.off('unhandledRejection', add))
  return reasons
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

for (const [member, make] of Object.entries(throwing)) {
  test.serial(`a signal whose ${member} throws rejects, starts nothing and leaves nothing`, async (t) => {
    const rejections = unhandled(t)
    const child = sleeper(t)
    const target = KillTarget.fromChild(child)!
    t.teardown(() => target.close())
    await target.exited({ timeout: 0 }).catch(() => {})
    await until(() => heldProcesses() <= 2)
    const held = heldProcesses()
    const isOurs = { is: ERROR } as never
    await t.throwsAsync(target.exited({ signal: make() }), isOurs)
    await t.throwsAsync(waitOrKill(child, { signal: make() }), isOurs)
    if (member === 'addEventListener') {
      // It is not aborted, so it is the first read that throws.
      await t.throwsAsync(terminate(child, { forceSignal: make() }), isOurs)
      await t.throwsAsync(terminate(child, { forceSignal: make(), scope: 'group' }), isOurs)
      t.throws(() => killOnAbort(child, make()), isOurs)
    }
    await turn()
    t.deepEqual(rejections, [])
    t.true(target.isAlive())
    await until(() => heldProcesses() <= held, 'handles to be closed')
    t.is(child.exitCode, null)
  })
}

for (const [what, make] of Object.entries(early)) {
  test(`a signal that ${what} is not missed`, async (t) => {
    const [waited, limited, armed] = [sleeper(t), sleeper(t), sleeper(t)]
    await t.throwsAsync(KillTarget.fromChild(waited)!.exited({ signal: make() }), { is: ERROR } as never)
    const { aborted, termination } = await within(waitOrKill(limited, { signal: make() }), 'the end')
    t.like({ aborted, ...termination }, { aborted: true, outcome: 'exited' })
    t.like(await within(killOnAbort(armed, make()).done, 'the end'), { outcome: 'exited' })
    const stubborn = await ignoresSigterm(t)
    const forced = await within(terminate(stubborn, { grace: 600_000, forceSignal: make() }), 'the end')
    t.is(forced.outcome, 'killed')
  })
}

test('a signal whose removeEventListener throws does not replace the outcome', async (t) => {
  const rejections = unhandled(t)
  const make = () => signalLike({ removeEventListener: fail })
  const group = await groupEndingAtSigterm(t, 1)
  t.is((await terminate(group, { forceSignal: make() })).outcome, 'exited')
  const child = sleeper(t)
  const target = KillTarget.fromChild(child)!
  await t.throwsAsync(target.exited({ signal: make(), timeout: 0 }), { code: 'ERR_TIMEOUT' })
  const exit = target.exited({ signal: make() })
  const result = waitOrKill(child, { signal: make() })
  const { done } = killOnAbort(child, make())
  child.kill('SIGKILL')
  t.is((await exit).signal, 'SIGKILL')
  t.is((await result).termination, null)
  t.is(await within(done, 'the end of the watch'), null)
  target.close()
  await turn()
  t.deepEqual(rejections, [])
})

test('an abort reaches all operations, even if its reason throws or it fires twice', async (t) => {
  const like = signalLike({
    get reason(): unknown {
      return fail()
    },
  })
  const child = sleeper(t)
  const target = KillTarget.fromChild(child)!
  t.teardown(() => target.close())
  const exits = [target.exited({ signal: like }), target.exited({ signal: like })]
  const { done } = killOnAbort(child, like)
  t.is(like.listeners, 1)
  like.fire()
  like.fire()
  for (const exit of exits) await t.throwsAsync(exit, { is: ERROR } as never)
  t.like(await within(done, 'the end'), { outcome: 'exited' })
  t.is(like.listeners, 0)
})

test('a signal without a reason rejects with an AbortError', async (t) => {
  const target = KillTarget.fromChild(sleeper(t))!
  t.teardown(() => target.close())
  const like = signalLike()
  const exit = target.exited({ signal: like })
  like.fire()
  await t.throwsAsync(exit, { name: 'AbortError', code: 'ABORT_ERR' })
})

test('stopImmediatePropagation of an earlier listener does not disarm killOnAbort', async (t) => {
  const child = sleeper(t)
  const controller = new AbortController()
  controller.signal.addEventListener('abort', (event) => event.stopImmediatePropagation())
  const { done } = killOnAbort(child, controller.signal)
  controller.abort()
  t.like(await within(done, 'the end'), { outcome: 'exited' })
  t.is((await ended(child)).signal, 'SIGTERM')
})
