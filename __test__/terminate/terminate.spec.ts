import test from 'ava'
import { KillError, KillTarget, terminate, type Termination } from 'killtarget'
import { NOBODY } from '../helpers/controlled-group.ts'
import { isUserModeLinux, truth } from '../helpers/kernel.ts'
import {
  ended,
  grandchild,
  json,
  line,
  NO_PID,
  program,
  shell,
  sleeper,
  stat,
  state,
  until,
  within,
} from '../helpers/processes.ts'
import { endedBy, exitedWith, rightOrUnknown, UNKNOWN } from '../helpers/status.ts'
import { ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { held, open } from '../helpers/target.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

const alone = { survivors: [], raceFree: truth.raceFree, proof: 'descendants' } as const

test("terminate reports 'exited' for a process that exits at SIGTERM, long before the end of the grace period", async (t) => {
  const child = sleeper(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  const { elapsed, ...termination } = await within(target.terminate({ grace: 60_000 }), 'the end')
  t.deepEqual(termination, { outcome: 'exited', status: endedBy('SIGTERM'), ended: 1, ...alone } satisfies Omit<
    Termination,
    'elapsed'
  >)
  t.true(elapsed > 0 && elapsed < 60_000)
  t.deepEqual(await ended(child), { code: null, signal: 'SIGTERM' })
})

test('terminate reports the exit code of a process that handles SIGTERM', async (t) => {
  const child = shell(t, 'trap "exit 3" TERM; echo ready; while :; do read _; done')
  await line(child)
  const { outcome, status: exit } = await held(t, KillTarget.fromChild(child), child.pid).terminate()
  t.deepEqual([outcome, exit], ['exited', exitedWith(3)])
})

test('terminate kills a process that ignores SIGTERM after the grace period, and not before', async (t) => {
  const child = await ignoresSigterm(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  const { elapsed, ...termination } = await target.terminate({ grace: 200 })
  t.deepEqual(termination, { outcome: 'killed', status: endedBy('SIGKILL'), ended: 1, ...alone })
  t.true(elapsed >= 200, `${elapsed} ms`)
  t.deepEqual(await ended(child), { code: null, signal: 'SIGKILL' })
})

test('terminate continues a stopped process, which then exits at the polite signal', async (t) => {
  const child = sleeper(t)
  child.kill('SIGSTOP')
  await until(() => state(child.pid) === 'T')
  const { outcome } = await within(open(t, child.pid).terminate({ grace: 60_000 }), 'the end')
  t.is(outcome, 'exited')
  t.is((await ended(child)).signal, 'SIGTERM')
})

test('terminate kills a stopped process that ignores SIGTERM', async (t) => {
  const child = await ignoresSigterm(t, 'kill -STOP $$; while :; do sleep 1; done')
  await until(() => state(child.pid) === 'T')
  t.is((await open(t, child.pid).terminate({ grace: 50 })).outcome, 'killed')
  t.is((await ended(child)).signal, 'SIGKILL')
})

for (const options of [{ grace: 0 }, { killSignal: 'SIGKILL' }, { killSignal: 9, grace: 60_000 }] as const) {
  test(`terminate sends no polite signal with ${JSON.stringify(options)}`, async (t) => {
    const child = shell(t, 'trap "exit 3" TERM; echo ready; while :; do read _; done')
    await line(child)
    const { outcome } = await within(open(t, child.pid).terminate(options), 'the end')
    t.is(outcome, 'killed')
    t.deepEqual(await ended(child), { code: null, signal: 'SIGKILL' })
  })
}

test('terminate without SIGKILL names a process that ignores SIGTERM as a survivor', async (t) => {
  const child = await ignoresSigterm(t)
  const target = open(t, child.pid)
  const { survivors, elapsed, ...rest } = await target.terminate({ grace: false, killTimeout: 100 })
  t.deepEqual(rest, { outcome: 'survived', status: null, ended: 0, raceFree: truth.raceFree, proof: 'descendants' })
  t.is(survivors.length, 1)
  const { startTime, state: letter, token, ...named } = survivors[0]!
  const { pgid, sid } = stat(child.pid)!
  const [command, user] = [child.spawnargs, process.getuid!()]
  t.deepEqual(named, { pid: child.pid, ppid: process.pid, pgid, sid, name: 'sh', command, user, reason: 'timeout' })
  t.true(token === null || KillTarget.fromToken(token).isAlive())
  t.regex(letter!, /^[RSD]$/)
  t.true(Math.abs(startTime! - Date.now()) < 60_000)
  t.true(elapsed >= 100)
  t.true(target.isAlive())
  t.is(child.signalCode, null)
})

test('terminate sends any other signal as the polite one', async (t) => {
  const child = sleeper(t)
  const { status: exit } = await held(t, KillTarget.fromChild(child), child.pid).terminate({ killSignal: 'SIGINT' })
  t.deepEqual(exit, endedBy('SIGINT'))
})

test('terminate reports a death by a real-time signal, or an unknown status', async (t) => {
  const child = sleeper(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  const { outcome, status: exit } = await target.terminate({ killSignal: 'SIGRTMIN+3' })
  t.is(outcome, 'exited')
  rightOrUnknown(t, exit!, endedBy('SIGRTMIN+3'))
})

test("terminate reports 'gone' for a process that has exited, before and after it is reaped", async (t) => {
  const { pid, becomeZombie, reaped } = await grandchild(t)
  const target = open(t, pid)
  await becomeZombie()
  const { elapsed: _, ...zombie } = await target.terminate()
  const nothingSent = { ...alone, outcome: 'gone', ended: 0, raceFree: true } as const
  t.deepEqual(zombie, { ...nothingSent, status: endedBy('SIGKILL') })
  await reaped()
  const { elapsed: __, status: exit, ...gone } = await target.terminate()
  t.deepEqual(gone, nothingSent)
  rightOrUnknown(t, exit!, endedBy('SIGKILL'))
})

test("terminate reports 'gone' for a pid that no process has", async (t) => {
  const target = KillTarget.fromPid(NO_PID)
  const { elapsed: _, ...termination } = await target.terminate()
  t.deepEqual(termination, {
    ...alone,
    outcome: 'gone',
    status: UNKNOWN,
    ended: 0,
    raceFree: true,
    proof: 'best-effort',
  })
})

testUnless(
  notRoot,
  'terminate fails with EPERM for a process that may not be signalled, and does not wait for it',
  async (t) => {
    const source = `
    import { KillTarget } from 'killtarget'
    const target = KillTarget.fromPid(Number(process.argv[1]))
    process.setuid(${NOBODY})
    const error = await target.terminate({ grace: 60_000 }).catch((error) => error)
    let sync
    try { target.terminateSync({ grace: 60_000 }) } catch (error) { sync = error }
    console.log(JSON.stringify([error, sync]))
  `
    const { pid } = sleeper(t)
    const errors = await json<object[]>(program(t, source, [pid]))
    for (const error of errors) t.like(error, { code: 'EPERM', errno: -1, pid })
    t.is(errors.length, 2)
    t.true(open(t, pid).isAlive())
  },
)

test('terminate, suspend and resume refuse this process, its parent and pid 1, in every scope', async (t) => {
  for (const pid of [process.pid, process.ppid, 1]) {
    const target = KillTarget.fromPid(pid)
    for (const scope of [undefined, 'process', 'group', 'tree'] as const) {
      const options = { scope, killSignal: 'SIGURG', grace: false, killTimeout: 0 } as const
      for (const call of ['terminate', 'suspend', 'resume'] as const) {
        const passed = call === 'terminate' ? options : { scope }
        await t.throwsAsync(target[call](passed), { instanceOf: KillError, code: 'ERR_PROTECTED_TARGET' }, call)
      }
      t.throws(() => target.terminateSync(options), { instanceOf: KillError, code: 'ERR_PROTECTED_TARGET' })
    }
    target.close()
  }
})

test('terminate with `allowSelf` ends the other members of the group, then its own process', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import { terminate } from 'killtarget'
    const child = spawn('sh', ['-c', 'trap "" TERM; echo $$; while :; do sleep 1; done'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.once('data', (pid) => process.stdout.write(pid))
    process.stdin.once('data', () => {
      void terminate(process.pid, { scope: 'group', allowSelf: true, grace: 100 })
    })
  `
  const child = program(t, source, [], { detached: true })
  const member = open(t, Number(await line(child)))
  child.stdin.write('now')
  t.deepEqual(await ended(child), { code: null, signal: 'SIGTERM' })
  t.false(member.isAlive())
})

test('terminate with `allowSelf` kills its own process after the grace period', async (t) => {
  // User-mode Linux may take a second to run the handler.
  const grace = isUserModeLinux ? 5000 : 300
  const source = `
    import { terminate } from 'killtarget'
    process.on('SIGTERM', () => console.log('asked'))
    void terminate(process.pid, { scope: 'process', allowSelf: true, grace: ${grace} })
    setInterval(() => {}, 1000)
  `
  const child = program(t, source)
  t.is(await line(child), 'asked')
  t.deepEqual(await ended(child), { code: null, signal: 'SIGKILL' })
})

test('terminate refuses a closed target, and completes for one that is closed meanwhile', async (t) => {
  const child = await ignoresSigterm(t)
  const target = open(t, child.pid)
  const termination = target.terminate({ grace: 100 })
  target.close()
  for (const call of ['terminate', 'suspend', 'resume'] as const) {
    await t.throwsAsync(target[call](), { code: 'ERR_TARGET_CLOSED' })
  }
  t.throws(() => target.terminateSync(), { code: 'ERR_TARGET_CLOSED' })
  t.is((await termination).outcome, 'killed')
})

test('terminate completes after its target is garbage', async (t) => {
  const child = await ignoresSigterm(t)
  const termination = KillTarget.fromPid(child.pid).terminate({ grace: 100 })
  for (let pass = 0; pass < 3; pass++) {
    global.gc!()
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.is((await termination).outcome, 'killed')
})

test('the function terminate takes a pid, a child or a target, and leaves the target open', async (t) => {
  const children = [sleeper(t), sleeper(t), sleeper(t)] as const
  const target = open(t, children[2].pid)
  const terminations = [
    await terminate(children[0].pid),
    await terminate(children[1]),
    await terminate(target, { scope: 'process' }),
  ]
  t.deepEqual(
    terminations.map((termination) => [termination.outcome, termination.ended]),
    [1, 2, 3].map(() => ['exited', 1]),
  )
  t.false(target.isAlive())
  for (const child of children) t.is((await ended(child)).signal, 'SIGTERM')
})

test("terminate reports 'gone' for a child that has exited or never started", async (t) => {
  const child = shell(t, 'exit 7')
  await ended(child)
  const { elapsed: _, ...over } = await terminate(child)
  t.deepEqual(over, {
    outcome: 'gone',
    status: exitedWith(7),
    ended: 0,
    survivors: [],
    raceFree: true,
    proof: 'best-effort',
  })
  t.is((await terminate(child, { scope: 'process' })).proof, 'process')
  const { outcome, status: exit } = await terminate({ pid: undefined })
  t.deepEqual([outcome, exit], ['gone', UNKNOWN])
})

for (const grace of [0, false] as const) {
  test(`a report after grace: ${grace} names no process that has exited meanwhile`, async (t) => {
    for (let trial = 0; trial < 20; trial++) {
      const child = sleeper(t, { detached: true })
      const { outcome, status, survivors } = await terminate(child, { grace, killTimeout: 0 })
      const isAlive = outcome === 'survived'
      t.deepEqual([status === null, survivors.map(({ ppid }) => ppid)], [isAlive, isAlive ? [process.pid] : []])
      child.kill('SIGKILL')
    }
  })
}
