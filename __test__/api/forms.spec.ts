import test from 'ava'
import * as killtarget from 'killtarget'
import {
  descendants,
  exited,
  KillTarget,
  killOnAbort,
  resume,
  suspend,
  terminate,
  terminateSync,
  waitOrKill,
} from 'killtarget'
import { type Child, hasExited, line, number, shell, sleeper, state, until, within } from '../helpers/processes.ts'
import { endedBy, rightOrUnknown } from '../helpers/status.ts'

// Every verb is a method of a target, and a function that takes a target first.

const verbs = ['exited', 'terminate', 'terminateSync', 'waitOrKill', 'killOnAbort', 'descendants', 'suspend', 'resume']

test('each verb is a method and a function', (t) => {
  for (const verb of verbs) {
    t.is(typeof (killtarget as Record<string, unknown>)[verb], 'function', verb)
    t.is(typeof (KillTarget.prototype as unknown as Record<string, unknown>)[verb], 'function', verb)
  }
})

/** Starts a shell with one child, and resolves to both. */
async function family(t: Parameters<typeof shell>[0]): Promise<{ child: Child; grandchild: number }> {
  const child = shell(t, 'sleep 600 & echo $!; wait', { detached: true })
  return { child, grandchild: await number(child) }
}

/** What names a process: each value reaches the same one. */
const names = {
  'a target': (child: Child) => KillTarget.fromPid(child.pid),
  'a target of a child': (child: Child) => KillTarget.fromChild(child)!,
  'a child object': (child: Child) => child,
  'a pid': ({ pid }: Child) => pid,
  'a ProcessInfo': ({ pid }: Child) => descendants(process.pid).find((info) => info.pid === pid)!,
}

for (const [what, named] of Object.entries(names)) {
  test(`each function takes ${what}`, async (t) => {
    const { child, grandchild } = await family(t)
    const target = named(child)
    t.deepEqual(
      descendants(target).map(({ pid }) => pid),
      [grandchild],
    )
    t.deepEqual(await suspend(target), [])
    t.deepEqual([state(child.pid), state(grandchild)], ['T', 'T'])
    t.deepEqual(await resume(target), [])
    await until(() => state(grandchild) === 'S')
    const waiting = [exited(target), waitOrKill(target).then(({ status }) => status)]
    const abort = new AbortController()
    const { done } = killOnAbort(target, abort.signal, { grace: 0 })
    abort.abort()
    t.is((await done)?.outcome, 'killed')
    for (const each of waiting) rightOrUnknown(t, await each, endedBy('SIGKILL'))
    t.true(hasExited(grandchild))
  })

  test(`terminate and terminateSync take ${what}`, async (t) => {
    for (const verb of [terminate, terminateSync]) {
      const { child, grandchild } = await family(t)
      t.like(await verb(named(child)), { outcome: 'exited', ended: 2, survivors: [] })
      t.true(hasExited(grandchild))
    }
  })
}

test('each method acts on its target', async (t) => {
  const { child, grandchild } = await family(t)
  const target = KillTarget.fromChild(child)!
  t.deepEqual(
    target.descendants().map(({ pid }) => pid),
    [grandchild],
  )
  const abort = new AbortController()
  const armed = target.killOnAbort(abort.signal, { grace: 0 })
  const waiting = target.waitOrKill({ timeout: 60_000 })
  abort.abort()
  t.is((await armed.done)?.outcome, 'killed')
  rightOrUnknown(t, (await waiting).status, endedBy('SIGKILL'))
  t.true(hasExited(grandchild))
})

test('what a method has begun goes on after the target is closed', async (t) => {
  const child = sleeper(t)
  const target = KillTarget.fromPid(child.pid)
  const waiting = target.waitOrKill({ timeout: 50, grace: 0 })
  const abort = new AbortController()
  const { done } = target.killOnAbort(abort.signal)
  target.close()
  t.like(await waiting, { timedOut: true })
  t.is(await within(done, 'the end of the watch'), null)
})

test('the methods of a closed target are refused', async (t) => {
  const target = KillTarget.fromPid(sleeper(t).pid)
  target.close()
  const refused = { code: 'ERR_TARGET_CLOSED' }
  for (const verb of ['exited', 'terminate', 'waitOrKill', 'suspend', 'resume'] as const) {
    await t.throwsAsync(target[verb](), refused, verb)
  }
  t.throws(() => target.terminateSync(), refused)
  t.throws(() => target.killOnAbort(new AbortController().signal), refused)
  t.throws(() => target.descendants(), refused)
})

test('the functions report on a child that has exited', async (t) => {
  const child = shell(t, 'echo; exit 7')
  await line(child)
  await new Promise((resolve) => child.once('close', resolve))
  t.is((await exited(child)).code, 7)
  t.deepEqual(await suspend(child), [])
  t.deepEqual(await resume(child), [])
  t.deepEqual(descendants(child), [])
  await t.throwsAsync(exited(child, { timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  await t.throwsAsync(suspend(child, { scope: 'all' as never }), { code: 'ERR_INVALID_ARG_VALUE' })
})

test('the functions reject instead of throwing', async (t) => {
  for (const verb of [exited, suspend, resume]) {
    await t.throwsAsync(verb(0), { code: 'ERR_OUT_OF_RANGE' })
    await t.throwsAsync(verb({} as never), { code: 'ERR_INVALID_ARG_TYPE' })
  }
})
