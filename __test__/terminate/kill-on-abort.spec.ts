import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { capabilities, killOnAbort, KillTarget } from 'killtarget'
import { descriptors } from '../helpers/descriptors.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { atLeast } from '../helpers/kernel-version.ts'
import { ended, hasExited, line, program, shell, sleeper, start, state, until, within } from '../helpers/processes.ts'
import { groupEndingAtSigterm, ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { found } from '../helpers/fixture.ts'
import { asFirstProcess, inNamespace, namespaceCommand, noPidNamespace } from '../helpers/namespace.ts'
import { procMounts } from '../helpers/proc-mounts.ts'
import { noStrace, slowLooks } from '../helpers/strace.ts'
import { open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

const noPidfd = capabilities().pidfd ? undefined : 'without /proc and pidfds, nothing identifies a process'

test('killOnAbort terminates the process after the abort, and not before', async (t) => {
  const child = sleeper(t)
  const controller = new AbortController()
  const { done } = killOnAbort(child, controller.signal)
  await t.throwsAsync(open(t, child.pid).exited({ timeout: 100 }), { code: 'ERR_TIMEOUT' })
  controller.abort()
  const termination = await within(done, 'the end')
  t.like(termination, { outcome: 'exited', ended: 1 })
  t.is((await ended(child)).signal, 'SIGTERM')
})

test('killOnAbort acts at once if the signal is already aborted', async (t) => {
  const child = sleeper(t)
  const { done } = killOnAbort(child.pid, AbortSignal.abort())
  t.like(await within(done, 'the end'), { outcome: 'exited' })
})

test('killOnAbort escalates, and ends the group, too', async (t) => {
  const [one, group] = [await ignoresSigterm(t), await groupEndingAtSigterm(t, 2)]
  const controller = new AbortController()
  const killings = [
    killOnAbort(one, controller.signal, { grace: 100 }),
    killOnAbort(group, controller.signal, { grace: 60_000 }),
  ]
  controller.abort()
  const [killed, exited] = await Promise.all(killings.map(({ done }) => within(done, 'the end')))
  t.like(killed, { outcome: 'killed' })
  t.like(exited, { outcome: 'exited', ended: 3 })
})

test('killOnAbort is disarmed when the process exits by itself', async (t) => {
  const child = shell(t, 'read _; exit 3')
  const controller = new AbortController()
  const { done } = killOnAbort(child, controller.signal)
  child.stdin.end('\n')
  t.is(await within(done, 'the end'), null)
  t.deepEqual(getEventListeners(controller.signal, 'abort'), [])
  controller.abort()
  t.is((await ended(child)).code, 3)
})

test('killOnAbort is disarmed once the process and what it has left have exited by themselves', async (t) => {
  const child = shell(t, 'cat <&3 >/dev/null & exit', { detached: true, stdio: ['pipe', 'pipe', 'inherit', 'pipe'] })
  const controller = new AbortController()
  const { done } = killOnAbort(child, controller.signal)
  await ended(child)
  // By then it has been seen that another process is left.
  t.is(await Promise.race([done, sleep(200, 'pending')]), 'pending')
  child.stdio[3]!.destroy()
  t.is(await within(done, 'the end'), null)
  t.deepEqual(getEventListeners(controller.signal, 'abort'), [])
})

testUnless(
  noPidNamespace ?? undefined,
  'killOnAbort is disarmed although what the process has left is never reaped',
  async (t) => {
    t.deepEqual(await found(t, 'abort-unreaped.ts', { launcher: asFirstProcess }), { wasPending: true, report: null })
  },
)

testUnless(
  noPidNamespace ?? noStrace,
  'killOnAbort is disarmed although one look at all processes takes longer than a check at first',
  async (t) => {
    const options = { launcher: namespaceCommand(slowLooks) }
    t.deepEqual(await found(t, 'abort-among-many.ts', options), Array(10).fill(null))
  },
)

testUnless(
  noPidfd ?? noPidNamespace ?? undefined,
  'killOnAbort stays armed for a group that cannot be seen',
  async (t) => {
    const outcomes = await inNamespace('abort-without-proc.ts', procMounts.absent)
    // Before that, nothing shows without /proc whether a number still is that of the group.
    const outcome = atLeast(5, 15) ? 'killed' : 'survived'
    t.deepEqual(outcomes, { wasPending: true, outcome, survivors: [], proof: 'best-effort' })
  },
)

test('killOnAbort does nothing for a child that has exited or never started', async (t) => {
  const child = start(t, 'true')
  await ended(child)
  for (const like of [child, { pid: undefined }]) {
    const { done, ...killing } = killOnAbort(like, AbortSignal.abort())
    t.is(await done, null)
    killing[Symbol.dispose]()
  }
})

test('killOnAbort does nothing after it is disposed of', async (t) => {
  const child = sleeper(t)
  const controller = new AbortController()
  const killing = killOnAbort(child, controller.signal)
  killing[Symbol.dispose]()
  killing[Symbol.dispose]()
  t.is(await killing.done, null)
  t.deepEqual(getEventListeners(controller.signal, 'abort'), [])
  controller.abort()
  {
    using _ = killOnAbort(child, controller.signal.aborted ? new AbortController().signal : controller.signal)
  }
  t.true(open(t, child.pid).isAlive())
})

test('killOnAbort continues if it is disposed of after the abort', async (t) => {
  const child = await ignoresSigterm(t)
  const controller = new AbortController()
  const killing = killOnAbort(child, controller.signal, { grace: 100 })
  controller.abort()
  killing[Symbol.dispose]()
  t.like(await killing.done, { outcome: 'killed' })
})

test('killOnAbort works after its target is closed, and does not close an open one', async (t) => {
  const children = [sleeper(t), sleeper(t)] as const
  const [closed, kept] = children.map((child) => KillTarget.fromChild(child)!) as [KillTarget, KillTarget]
  const controller = new AbortController()
  const killings = [killOnAbort(closed, controller.signal), killOnAbort(kept, controller.signal)]
  closed.close()
  controller.abort()
  for (const { done } of killings) t.like(await done, { outcome: 'exited' })
  t.false(kept.isAlive())
  kept.close()
  t.throws(() => killOnAbort(closed, controller.signal), { code: 'ERR_TARGET_CLOSED' })
})

test('killOnAbort refuses a protected process at once', (t) => {
  const { signal } = new AbortController()
  t.throws(() => killOnAbort(process.ppid, signal), { code: 'ERR_PROTECTED_TARGET' })
  t.deepEqual(getEventListeners(signal, 'abort'), [])
})

testUnless(notRoot, 'killOnAbort rejects `done` if it cannot terminate, without an unhandled rejection', async (t) => {
  const child = sleeper(t)
  const source = `
      import { killOnAbort } from 'killtarget'
      const pid = Number(process.argv[1])
      process.on('unhandledRejection', () => console.log('unhandled'))
      killOnAbort(pid, AbortSignal.abort())
      const { done } = killOnAbort(pid, AbortSignal.abort())
      const { code } = await done.catch((error) => error)
      setImmediate(() => console.log(code))
    `
  const caller = program(t, source, [child.pid], { uid: NOBODY })
  t.is(await line(caller), 'EPERM')
  t.deepEqual(await ended(caller), { code: 0, signal: null })
  t.false(hasExited(child.pid))
})

test('killOnAbort refuses the group of a process that leads none at once', (t) => {
  const child = sleeper(t)
  const { signal } = new AbortController()
  t.throws(() => killOnAbort(child, signal, { scope: 'group' }), { code: 'ERR_NOT_GROUP_LEADER' })
  t.deepEqual(getEventListeners(signal, 'abort'), [])
})

test('killOnAbort and waitOrKill kill even if the process aborts and exits in one turn', async (t) => {
  const waited = [await ignoresSigterm(t), await ignoresSigterm(t)]
  const source = `
    import { killOnAbort, waitOrKill } from 'killtarget'
    const controller = new AbortController()
    const [first, second] = process.argv.slice(1).map(Number)
    killOnAbort(first, controller.signal, { grace: 60_000 })
    waitOrKill(second, { signal: controller.signal, grace: 60_000 })
    setTimeout(() => {
      controller.abort()
      process.exit(3)
    }, 20)
  `
  const child = program(
    t,
    source,
    waited.map(({ pid }) => pid),
  )
  t.is((await ended(child)).code, 3)
  for (const each of waited) t.is((await ended(each)).signal, 'SIGKILL')
})

test('killOnAbort keeps the event loop alive from the abort to the report', async (t) => {
  const waited = await ignoresSigterm(t)
  const source = `
    import { killOnAbort } from 'killtarget'
    const controller = new AbortController()
    const { done } = killOnAbort(Number(process.argv[1]), controller.signal, { grace: 50 })
    controller.abort()
    console.log((await done).outcome)
  `
  const child = program(t, source, [waited.pid])
  t.is(await line(child), 'killed')
  t.deepEqual(await ended(child), { code: 0, signal: null })
})

test('killOnAbort skips the grace period if `forceSignal` is already aborted, even if it is the same signal', async (t) => {
  const [one, other] = [await ignoresSigterm(t), await ignoresSigterm(t)]
  const [abort, force] = [new AbortController(), new AbortController()]
  const killings = [
    killOnAbort(one, abort.signal, { grace: 60_000, forceSignal: abort.signal }),
    killOnAbort(other, abort.signal, { grace: 60_000, forceSignal: force.signal }),
  ]
  force.abort()
  abort.abort()
  for (const { done } of killings) t.like(await within(done, 'the end'), { outcome: 'killed' })
})

test('killOnAbort refuses a signal that is no AbortSignal', (t) => {
  for (const signal of [undefined, null, {}, 'abort']) {
    t.throws(() => killOnAbort(1, signal as never), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' })
  }
})

test('killOnAbort does not keep Node running', async (t) => {
  const waited = sleeper(t)
  const source = `
    import { killOnAbort } from 'killtarget'
    killOnAbort(Number(process.argv[1]), new AbortController().signal)
    console.log('armed')
  `
  const child = program(t, source, [waited.pid])
  t.is(await line(child), 'armed')
  t.deepEqual(await ended(child), { code: 0, signal: null })
  t.is(state(waited.pid), 'S')
})

const USES = 10_000

test.serial(
  `${USES} calls of killOnAbort with one signal leave no listener, no descriptor and no warning`,
  async (t) => {
    const child = sleeper(t)
    const { signal } = new AbortController()
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    t.teardown(() => process.off('warning', warn))
    // The reactor opens some descriptors at the first wait.
    await KillTarget.fromChild(child)!
      .exited({ timeout: 0, ref: false })
      .catch(() => {})
    const before = descriptors()
    for (let use = 0; use < USES; use += 100) {
      const killings = Array.from({ length: 100 }, () => killOnAbort(child, signal))
      t.is(getEventListeners(signal, 'abort').length, 1)
      for (const killing of killings) killing[Symbol.dispose]()
      for (const { done } of killings) t.is(await done, null)
    }
    t.deepEqual(getEventListeners(signal, 'abort'), [])
    t.deepEqual(warnings, [])
    await until(() => descriptors() <= before, 'descriptors to be closed')
  },
)
