import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { KillTarget, terminate } from 'killtarget'
import { truth } from '../helpers/kernel.ts'
import { line, shell, start } from '../helpers/processes.ts'
import { groupWithLatecomer, ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { startLatecomer } from '../helpers/latecomer.ts'
import { open } from '../helpers/target.ts'

/** Starts a shell that writes a line at each SIGTERM and SIGINT, and does not exit. */
async function signalLogger(t: Parameters<typeof start>[0]) {
  const child = shell(t, `trap 'echo TERM' TERM; trap 'echo INT' INT; echo ready; while :; do sleep 0.01; done`)
  await line(child)
  return child
}

async function written(child: Awaited<ReturnType<typeof signalLogger>>): Promise<string[]> {
  const lines: string[] = []
  try {
    for (;;) lines.push(await line(child))
  } catch {
    return lines
  }
}

test('two calls of one target join: the signal is sent once, and the earlier deadline counts for both', async (t) => {
  const child = await signalLogger(t)
  const target = open(t, child.pid)
  const [late, early] = await Promise.all([
    target.terminate({ scope: 'process', grace: 60_000 }),
    target.terminate({ scope: 'process', grace: 300 }),
  ])
  t.deepEqual([late.outcome, early.outcome], ['killed', 'killed'])
  t.true(late.elapsed < 60_000)
  t.deepEqual([late.ended, early.ended], [1, 1])
  t.deepEqual(await written(child), ['TERM'])
})

test('calls of different targets of one process join', async (t) => {
  const child = await signalLogger(t)
  const [one, other] = [open(t, child.pid), open(t, child.pid)]
  const outcomes = await Promise.all([
    one.terminate({ grace: 60_000 }),
    other.terminate({ grace: 60_000 }),
    terminate(child.pid, { grace: 300 }),
  ])
  t.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['killed', 'killed', 'killed'],
  )
  t.deepEqual(await written(child), ['TERM'])
})

test('a second call with another signal sends that, too', async (t) => {
  const child = await signalLogger(t)
  const target = open(t, child.pid)
  const first = target.terminate({ grace: 60_000 })
  t.is(await line(child), 'TERM')
  const second = target.terminate({ killSignal: 'SIGINT', grace: 300 })
  t.is(await line(child), 'INT')
  t.is((await first).outcome, 'killed')
  t.is((await second).outcome, 'killed')
})

test('a call without SIGKILL reports at its own timeout, and does not keep a second call from killing', async (t) => {
  const child = await ignoresSigterm(t)
  const target = open(t, child.pid)
  const gentle = target.terminate({ grace: false, killTimeout: 1000 })
  const firm = target.terminate({ grace: 4000 })
  const { outcome, survivors } = await gentle
  t.deepEqual([outcome, survivors.length], ['survived', 1])
  t.is((await firm).outcome, 'killed')
})

test('a latecomer is not sent the polite signal of a second call, which did not repeat it', async (t) => {
  const leader = await groupWithLatecomer(t)
  const target = open(t, leader.pid)
  const first = target.terminate({ scope: 'group', grace: false, killTimeout: 1000 })
  const force = new AbortController()
  const second = target.terminate({ scope: 'group', grace: 60_000, forceSignal: force.signal })
  const started = startLatecomer(leader)
  t.is((await first).outcome, 'survived')
  await started
  await sleep(1000)
  force.abort()
  t.is((await second).outcome, 'killed')
  await t.throwsAsync(line(leader), { message: /wrote no more lines/ })
})

test('the forceSignal of one call ends the grace period of both', async (t) => {
  const child = await ignoresSigterm(t)
  const target = open(t, child.pid)
  const controller = new AbortController()
  const both = [
    target.terminate({ grace: 60_000 }),
    target.terminate({ grace: 60_000, forceSignal: controller.signal }),
  ]
  controller.abort()
  for (const termination of both) t.is((await termination).outcome, 'killed')
})

test('a synchronous call joins an asynchronous one', async (t) => {
  const child = await signalLogger(t)
  const target = open(t, child.pid)
  const pending = target.terminate({ grace: 60_000 })
  t.is(await line(child), 'TERM')
  t.is(target.terminateSync({ grace: 200 }).outcome, 'killed')
  const { outcome, elapsed } = await pending
  t.is(outcome, 'killed')
  t.true(elapsed < 30_000)
  t.deepEqual(await written(child), [])
})

test('calls with different scopes do not join', async (t) => {
  const script = `trap 'echo TERM' TERM; sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done' & 
    exec 2>/dev/null; while :; do sleep 0.01; done`
  const leader = shell(t, script, { detached: true })
  t.is(await line(leader), 'ready')
  const target = open(t, leader.pid)
  const [alone, all] = await Promise.all([
    target.terminate({ scope: 'process', grace: 100 }),
    target.terminate({ scope: 'group', grace: 500 }),
  ])
  t.deepEqual([alone.outcome, alone.ended, alone.proof], ['killed', 1, 'process'])
  t.deepEqual([all.outcome, all.proof], ['killed', 'group'])
  t.true(all.ended >= 2)
})

test('50 calls at once each kill their own process', async (t) => {
  const children = await Promise.all(Array.from({ length: 50 }, () => ignoresSigterm(t)))
  const targets = children.map(({ pid }) => KillTarget.fromPid(pid))
  const terminations = await Promise.all(targets.map((target) => target.terminate({ grace: 200 })))
  for (const { outcome, ended, raceFree } of terminations) {
    t.deepEqual([outcome, ended, raceFree], ['killed', 1, truth.raceFree])
  }
  for (const target of targets) target.close()
})
