import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  contained,
  type ContainOptions,
  descendants,
  KillTarget,
  type ProcessInfo,
  resume,
  suspend,
  terminate,
  terminateSync,
  waitOrKill,
} from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { commandOf, GUARD, keeperOf, noGuard } from '../helpers/guard.ts'
import { listed } from '../helpers/listed.ts'
import { type Child, ended, hasExited, line, start, stat, state, until } from '../helpers/processes.ts'
import { proves } from '../helpers/proof.ts'
import { serialUnless, testUnless } from '../helpers/test-unless.ts'
import { living, readTree, type Tree } from '../helpers/tree.ts'

type Test = Parameters<typeof start>[0]

/** How the guard is started: in a session of its own or not, and what it is asked for. */
interface Way {
  name: string
  detached: boolean
  options: ContainOptions
  proof: 'reaper' | 'kernel'
}

const WAYS: Way[] = [
  { name: 'plain', detached: false, options: {}, proof: 'reaper' },
  { name: 'detached', detached: true, options: {}, proof: 'reaper' },
  { name: 'in a PID namespace', detached: true, options: { isolation: 'pid-namespace' }, proof: 'kernel' },
]

const [PLAIN] = WAYS as [Way]

const reason = noGuard ?? noCompiler ?? undefined

function begin(t: Test, command: readonly string[], { detached, options }: Way, more: ContainOptions = {}): Child {
  const { file, args } = contained(command[0]!, command.slice(1), { ...options, ...more })
  return start(t, file, args, { detached })
}

/** Starts a tree of which the command is the root. Its pids are those of this PID namespace only outside of another one. */
function beginTree(t: Test, description: string, way: Way, more?: ContainOptions): Promise<Tree> {
  return readTree(begin(t, [compiled('tree'), description], way, more))
}

/** A shell that says each time that it gets SIGTERM, has a daemon that does the same, and exits at a line. */
const COUNTING = `
  trap 'echo command' TERM
  setsid sh -c 'trap "echo daemon" TERM; echo ready; while :; do sleep 0.02; done' &
  while :; do sleep 0.02; done`

for (const way of WAYS) {
  testUnless(reason, `terminate asks each process of a contained tree once, ${way.name}`, async (t) => {
    const guard = begin(t, ['sh', '-c', COUNTING], way)
    t.is(await line(guard), 'ready')
    const hurry = new AbortController()
    const ending = terminate(guard, { grace: 60_000, forceSignal: hurry.signal })
    const said = [await line(guard), await line(guard)]
    // The time for a second signal.
    setTimeout(() => hurry.abort(), 300)
    const report = await ending
    for (;;) {
      const next = await line(guard).catch(() => null)
      if (next === null) break
      said.push(next)
    }
    t.deepEqual(said.toSorted(), ['command', 'daemon'])
    t.is(report.outcome, 'killed')
    t.is(report.proof, way.proof)
    t.deepEqual(report.survivors, [])
    t.like(report.status, { code: null, signal: 'SIGKILL', known: true })
  })

  testUnless(
    reason,
    `a contained command that exits at the polite signal is reported with its status, ${way.name}`,
    async (t) => {
      const guard = begin(t, ['sh', '-c', 'trap "echo cleaned; exit 3" TERM; echo ready; read _'], way)
      t.is(await line(guard), 'ready')
      const report = await terminate(guard)
      t.is(await line(guard), 'cleaned')
      t.like(report, { outcome: 'exited', proof: way.proof, ended: 1 })
      t.like(report.status, { code: 3, signal: null, known: true })
    },
  )

  testUnless(reason, `terminateSync kills a contained tree at once, ${way.name}`, async (t) => {
    const guard = begin(t, ['sh', '-c', 'setsid sleep 600 & setsid -f sleep 600; echo ready; read _'], way)
    t.is(await line(guard), 'ready')
    // The daemon may be between its two forks.
    await until(() => listed(guard).length === 3)
    const report = terminateSync(guard, { grace: 0 })
    t.like(report, { outcome: 'killed', proof: way.proof, ended: 3 })
    t.is((await ended(guard)).signal, 'SIGKILL')
  })

  testUnless(reason, `descendants lists the command first, and nothing of the guard, ${way.name}`, async (t) => {
    const guard = begin(t, ['sh', '-c', 'sleep 600 & echo ready; read _; :'], way)
    t.is(await line(guard), 'ready')
    let found: ProcessInfo[] = []
    await until(() => (found = listed(guard)).at(-1)?.name === 'sleep')
    t.deepEqual(
      found.map(({ name }) => name),
      ['sh', 'sleep'],
    )
    t.is(found[0]!.pid, commandOf(guard.pid))
  })

  testUnless(reason, `suspend stops what a guard has started, and resume continues it, ${way.name}`, async (t) => {
    const guard = begin(t, ['sh', '-c', 'setsid sleep 600 & echo ready; while read _; do echo alive; done'], way)
    t.is(await line(guard), 'ready')
    let tree: number[] = []
    await until(() => (tree = listed(guard).map(({ pid }) => pid)).length === 2)
    t.deepEqual(await suspend(guard), [])
    t.deepEqual(tree.map(state), ['T', 'T'])
    t.not(state(keeperOf(guard.pid)), 'T')
    t.deepEqual(await resume(guard), [])
    guard.stdin.write('\n')
    t.is(await line(guard), 'alive')
    await suspend(guard)
    t.like(await terminate(guard, { grace: 0 }), { outcome: 'killed', proof: way.proof, ended: 2 })
  })

  testUnless(reason, `a guard that is terminated right after its start leaves nothing, ${way.name}`, async (t) => {
    for (let tries = 0; tries < 20; tries++) {
      const guard = begin(t, ['sh', '-c', 'setsid sleep 600 & read _'], way)
      const target = KillTarget.fromChild(guard)!
      const report = await target.terminate({ grace: tries % 2 === 0 ? 0 : 5000 })
      t.not(report.outcome, 'survived')
      t.deepEqual(report.survivors, [])
      t.is(report.proof, way.proof)
      t.is(stat(guard.pid)?.state ?? 'Z', 'Z')
      target.close()
    }
  })
}

testUnless(reason, 'target.contained tells what contains the process, also after its exit', async (t) => {
  for (const way of WAYS) {
    const guard = begin(t, ['sh', '-c', 'echo ready; read _'], way)
    const target = KillTarget.fromChild(guard)!
    t.is(target.contained, way.proof)
    t.is(await line(guard), 'ready')
    t.is(target.contained, way.proof)
    t.is(KillTarget.fromPid(guard.pid).contained, way.proof)
    t.is(KillTarget.fromPid(commandOf(guard.pid)).contained, null)
    guard.stdin.end()
    await ended(guard)
    t.is(target.contained, way.proof)
    t.like(await target.terminate(), { outcome: 'gone', proof: way.proof })
  }
  t.is(KillTarget.fromPid(process.pid).contained, null)
})

testUnless(reason, 'a program that only looks like the guard contains nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const copy = join(folder, 'killtarget-guard')
  copyFileSync(GUARD, copy)
  const guard = start(t, copy, ['sh', '-c', 'trap "" TERM; setsid sleep 600 & echo ready; read _'])
  t.is(await line(guard), 'ready')
  t.is(KillTarget.fromChild(guard)!.contained, null)
  const report = await terminate(guard, { grace: 100 })
  t.is(report.outcome, 'killed')
  t.false(['reaper', 'kernel'].includes(report.proof))
})

for (const way of WAYS.filter(({ name }) => name !== 'detached')) {
  testUnless(reason, `what a command has left is terminated with its guard's target, ${way.name}`, async (t) => {
    const guard = begin(t, ['sh', '-c', 'setsid sleep 600 & echo ready; read _; exit 0'], way, { leftovers: 'keep' })
    const target = KillTarget.fromChild(guard)!
    t.is(await line(guard), 'ready')
    t.is(target.contained, way.proof)
    const keeper = keeperOf(guard.pid)
    guard.stdin.end()
    t.like(await target.exited(), { code: 0 })
    t.not(state(keeper), undefined)
    t.like(await target.terminate(), { outcome: 'exited', proof: way.proof, ended: 1 })
    await until(() => hasExited(keeper))
  })
}

testUnless(reason, 'waitOrKill ends what a contained command has left', async (t) => {
  const guard = begin(t, ['sh', '-c', 'setsid sleep 600 & echo ready; read _; exit 0'], PLAIN, { leftovers: 'keep' })
  const target = KillTarget.fromChild(guard)!
  t.is(await line(guard), 'ready')
  t.is(target.contained, 'reaper')
  const keeper = keeperOf(guard.pid)
  const over = target.waitOrKill({ leftovers: 'kill' })
  guard.stdin.end()
  const { status, timedOut } = await over
  t.is(status.code, 0)
  t.false(timedOut)
  await until(() => hasExited(keeper))
})

for (const way of WAYS) {
  testUnless(reason, `a step for the root goes to the command of a guard, ${way.name}`, async (t) => {
    const script = 'trap "exit 8" TERM; sleep 600 & echo ready; wait'
    const guard = begin(t, ['sh', '-c', script], way)
    t.is(await line(guard), 'ready')
    const steps = [{ signal: 'SIGTERM', grace: 20_000, to: 'root' }] as const
    const report = await terminate(guard, { steps, killTimeout: 20_000 })
    t.like(report, { outcome: 'exited', status: { code: 8 }, proof: way.proof })
  })

  testUnless(reason, `a step for the root reaches a command that has not begun, ${way.name}`, async (t) => {
    const steps = [{ signal: 'SIGTERM', grace: 20_000, to: 'root' }] as const
    for (let trial = 0; trial < 20; trial++) {
      const guard = begin(t, ['sleep', '600'], way)
      t.like(await terminate(guard, { steps }), { outcome: 'exited', status: { signal: 'SIGTERM' } })
    }
  })
}

testUnless(reason, 'a termination that leaves the command of a guard alone is refused', async (t) => {
  const guard = begin(t, ['sh', '-c', 'echo ready; read _'], PLAIN)
  t.is(await line(guard), 'ready')
  const except = [commandOf(guard.pid)]
  await t.throwsAsync(terminate(guard, { except }), { code: 'ERR_EXCEPTED_TARGET' })
})

// It keeps a small machine busy.
serialUnless(
  reason,
  'a tree ends although its program kills the keeper and stops the guard again and again',
  async (t) => {
    const attack =
      'setsid sleep 600 & echo ready; read keeper guard; while :; do kill -STOP $guard; kill -KILL $keeper; sleep 0.01; done'
    const guard = begin(t, ['sh', '-c', attack], PLAIN)
    t.is(await line(guard), 'ready')
    const target = KillTarget.fromChild(guard)!
    await until(() => target.contained === 'reaper')
    const below = descendants(guard).map(({ pid }) => pid)
    guard.stdin.write(`${keeperOf(guard.pid)} ${guard.pid}\n`)
    await until(() => state(guard.pid) === 'T')
    const { outcome } = await target.terminate({ grace: 0, killTimeout: 20_000 })
    t.is(outcome, 'killed')
    await until(() => below.every((pid) => hasExited(pid)))
  },
)

testUnless(reason, 'waitOrKill terminates a contained command that runs too long', async (t) => {
  const guard = begin(t, ['sh', '-c', 'trap "" TERM; setsid sleep 600 & sleep 600'], PLAIN)
  const { timedOut, termination } = await waitOrKill(guard, { timeout: 200, grace: 100 })
  t.true(timedOut)
  t.like(termination, { outcome: 'killed', proof: 'reaper', survivors: [] })
})

testUnless(reason, 'excepted processes of a contained tree live on', async (t) => {
  const { root, pids, pid } = await beginTree(t, 'root(spared(below) other)', PLAIN, { leftovers: 'keep' })
  const spared = pid('spared')
  const target = KillTarget.fromChild(root)!
  const report = await target.terminate({ except: [spared], grace: 0 })
  t.is(report.outcome, 'killed')
  t.deepEqual(report.survivors, [])
  t.deepEqual(living(pids).toSorted(), [spared, pid('below')].toSorted())
  t.like(await target.terminate({ grace: 0 }), { outcome: 'killed', proof: 'reaper', ended: 2 })
  t.deepEqual(living(pids), [])
})

for (const { name, fault } of [
  { name: 'the guard is stopped', fault: (guard: number) => process.kill(guard, 'SIGSTOP') },
  {
    name: 'guard and keeper are stopped',
    fault: (guard: number) => {
      process.kill(keeperOf(guard), 'SIGSTOP')
      process.kill(guard, 'SIGSTOP')
    },
  },
  { name: 'the guard gets SIGKILL first', fault: (guard: number) => process.kill(guard, 'SIGKILL') },
  { name: 'the keeper gets SIGKILL first', fault: (guard: number) => process.kill(keeperOf(guard), 'SIGKILL') },
] as const) {
  testUnless(reason, `terminate ends a contained tree although ${name}`, async (t) => {
    const { root, pids } = await beginTree(t, 'root(a(b) c)', PLAIN)
    const target = KillTarget.fromChild(root)!
    t.is(target.contained, 'reaper')
    fault(root.pid)
    const report = await target.terminate({ grace: 0 })
    t.not(report.outcome, 'survived')
    t.is(report.proof, 'reaper')
    t.deepEqual(living(pids), [])
  })
}

testUnless(reason, 'terminate ends a contained tree although no signal can be queued', async (t) => {
  const { file, args } = contained(compiled('tree'), ['root(a(b) c)'])
  const { root, pids } = await readTree(start(t, 'prlimit', ['--sigpending=0', file, ...args]))
  const report = await terminate(root, { grace: 0 })
  t.like(report, { outcome: 'killed', ended: 4, proof: 'reaper' })
  t.deepEqual(living(pids), [])
})

testUnless(reason, 'a tree that holds a guard and is not contained is terminated with it', async (t) => {
  const { file, args } = contained(compiled('tree'), ['root(a(b) c)'])
  await proves(t, 'session', async () => {
    const shell = start(t, 'sh', ['-c', '"$@"; :', 'sh', file, ...args], { detached: true })
    const { pids } = await readTree(shell)
    const report = await terminate(shell, { grace: 0 })
    await until(() => living(pids).length === 0)
    return report
  })
})

testUnless(reason, 'guards that are nested 50 deep are terminated with the outer one', async (t) => {
  const inner = contained(compiled('tree'), ['root(a(b) c)'])
  const guard = begin(t, [...Array.from({ length: 49 }, () => [GUARD, '--']).flat(), inner.file, ...inner.args], PLAIN)
  const { pids } = await readTree(guard)
  await until(() => listed(guard).length === 4, 'a list of all')
  // They exit one after the other.
  const { outcome, ended: count, proof } = await terminate(guard, { grace: 60_000 })
  t.deepEqual([outcome, proof], ['exited', 'reaper'])
  // The guards pass the polite signal on. On a slow machine a process may exit before a scan finds it. No guard counts.
  t.true(count >= 1 && count <= 4, `${count}`)
  t.deepEqual(living(pids), [])
})

/** How many guards run at once. */
const GUARDS = Number(process.env['KILLTARGET_TEST_GUARDS'] ?? 50)

testUnless(reason, `${GUARDS} guards at once are terminated, each with its own report`, async (t) => {
  const { file, args } = contained('sh', ['-c', 'setsid -f sleep 600; echo ready; exec sleep 600'])
  const guards = Array.from({ length: GUARDS }, () => start(t, file, args))
  for (const guard of guards) t.is(await line(guard), 'ready')
  const reports = await Promise.all(guards.map((guard) => terminate(guard, { grace: 60_000 })))
  for (const report of reports) t.like(report, { outcome: 'exited', proof: 'reaper', ended: 2, survivors: [] })
})
