import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { exited, KillTarget, terminate, waitOrKill } from 'killtarget'
import { number, shell, sleeper } from '../helpers/processes.ts'
import { endedBy, rightOrUnknown } from '../helpers/status.ts'

/** Collects what a child writes. */
function readAll(child: ReturnType<typeof shell>): string[] {
  const read: string[] = []
  child.stdout.on('data', (chunk: Buffer) => read.push(String(chunk)))
  return read
}

/** Starts a shell that exits and leaves a process, which holds its stdout open. */
function leavesOpen(t: ExecutionContext, script = 'echo early; sleep 600 &') {
  return shell(t, script, { detached: true })
}

test('waitOrKill with drain resolves once all output was read that comes after the exit', async (t) => {
  const child = leavesOpen(t, 'echo early; { sleep 0.3; echo late; } &')
  const read = readAll(child)
  const { status, termination } = await waitOrKill(child, { drain: 60_000 })
  t.is(status.code, 0)
  t.is(termination, null)
  t.is(read.join(''), 'early\nlate\n')
  t.true(child.stdout.readableEnded)
})

test('waitOrKill with drain destroys an output that another process holds open after the limit', async (t) => {
  for (const named of [
    (child: ReturnType<typeof shell>) => child,
    (child: ReturnType<typeof shell>) => KillTarget.fromChild(child)!,
  ]) {
    const child = leavesOpen(t)
    const read = readAll(child)
    const closed = once(child, 'close')
    const { status } = await waitOrKill(named(child), { drain: 100 })
    t.is(status.code, 0)
    t.is(read.join(''), 'early\n')
    t.true(child.stdout.destroyed)
    await closed
  }
})

test('waitOrKill without drain leaves an output alone that another process holds open', async (t) => {
  const child = leavesOpen(t)
  readAll(child)
  await waitOrKill(child)
  t.false(child.stdout.destroyed)
  t.false(child.stdout.readableEnded)
})

test('waitOrKill drains a process that it has terminated', async (t) => {
  const child = shell(t, 'trap "(sleep 0.2; echo late) & exit 3" TERM; echo early; while :; do sleep 0.01; done')
  const read = readAll(child)
  await once(child.stdout, 'data')
  const { status, timedOut } = await waitOrKill(child, { timeout: 10, scope: 'process', drain: 60_000 })
  t.deepEqual([status.code, timedOut], [3, true])
  t.is(read.join(''), 'early\nlate\n')
})

test('waitOrKill drains a child that has exited before', async (t) => {
  const child = leavesOpen(t, 'echo early; { sleep 0.3; echo late; } &')
  const read = readAll(child)
  await exited(child)
  t.is((await waitOrKill(child, { drain: 60_000 })).status.code, 0)
  t.is(read.join(''), 'early\nlate\n')
})

test('waitOrKill with drain reads on as long as a reader pauses', async (t) => {
  const child = spawn('seq', ['1', '50000'])
  let read = 0
  child.stdout.on('data', (chunk: Buffer) => {
    read += chunk.length
    child.stdout.pause()
    setTimeout(() => child.stdout.resume(), 5)
  })
  await waitOrKill(child, { drain: Infinity })
  t.is(read, 288_894)
})

test('waitOrKill with drain reads on after the leftovers are terminated', async (t) => {
  const child = leavesOpen(t, 'sleep 600 & echo $!')
  await number(child)
  const { termination } = await waitOrKill(child, { leftovers: 'terminate', drain: 60_000 })
  t.is(termination?.outcome, 'exited')
  t.true(child.stdout.readableEnded)
})

test('drain has no effect on a target without streams', async (t) => {
  for (const named of [sleeper(t), sleeper(t).pid, KillTarget.fromPid(sleeper(t).pid)]) {
    const waiting = waitOrKill(named, { drain: 60_000 })
    await terminate(named, { grace: 0 })
    rightOrUnknown(t, (await waiting).status, endedBy('SIGKILL'))
  }
})

test('drain is a non-negative number of milliseconds', async (t) => {
  const { pid } = sleeper(t)
  const message = /`options\.drain` to be a /
  await t.throwsAsync(waitOrKill(pid, { drain: -1 }), { code: 'ERR_OUT_OF_RANGE', message })
  await t.throwsAsync(waitOrKill(pid, { drain: NaN }), { code: 'ERR_OUT_OF_RANGE', message })
  await t.throwsAsync(waitOrKill(pid, { drain: true as never }), { code: 'ERR_INVALID_ARG_TYPE', message })
  await t.throwsAsync(terminate(pid, { drain: 1 } as never), { code: 'ERR_INVALID_ARG_VALUE' })
})
