import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { capabilities, KillError, killOnExit, KillTarget, terminate, type TerminateSyncOptions } from 'killtarget'
import { descriptors } from '../helpers/descriptors.ts'
import { found } from '../helpers/fixture.ts'
import { noGuard } from '../helpers/guard.ts'
import { ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { environmentOf, type Runtime, runtimes } from '../helpers/runtimes.ts'
import {
  type Child,
  ended,
  hasExited,
  line,
  noteStart,
  number,
  program,
  shell,
  sleeper,
  start,
  until,
} from '../helpers/processes.ts'
import { inNamespace, namespaceCommand, noPidNamespace } from '../helpers/namespace.ts'
import { procMounts } from '../helpers/proc-mounts.ts'
import { noStrace, slowLooks } from '../helpers/strace.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { watchesOf } from '../helpers/watches.ts'

type Test = Parameters<typeof start>[0]

const HOSTS = Number(process.env['KILLTARGET_TEST_HOSTS'] ?? 5)

const fixture = fileURLToPath(new URL('../fixtures/kill-on-exit.mjs', import.meta.url))
const [node] = runtimes as [Runtime]

/** Starts a host in a runtime, which arms `killOnExit` for the targets and ends as asked. */
function host(
  t: Test,
  { args, kind, path, ...given }: Runtime,
  way: string,
  targets: readonly { pid: number }[],
  options: TerminateSyncOptions = {},
): Child {
  const values = [
    fixture,
    kind,
    way,
    JSON.stringify(options, (_, value) => (value === Infinity ? 'Infinity' : value)),
    ...targets.map(({ pid }) => String(pid)),
  ]
  const env = environmentOf({ args, kind, path: path!, ...given })
  return start(t, path!, [...args, ...values], { env, stdio: ['pipe', 'pipe', 'ignore'] })
}

/** Starts a host, waits until it has armed, and lets it end. */
async function endedHost(
  t: Test,
  ...[runtime, way, ...rest]: Parameters<typeof host> extends [unknown, ...infer R] ? R : never
) {
  const child = host(t, runtime, way, ...rest)
  t.teardown(() => child.kill('SIGKILL'))
  if ((await line(child)) !== 'armed') throw new Error('it has not armed')
  child.stdin.write('\n')
  return ended(child)
}

/** Other versions of Node hardly differ in how they end. */
const waysOf = ({ name }: Runtime): readonly string[] =>
  name.startsWith('node-')
    ? ['SIGKILL', 'exit']
    : ['SIGKILL', 'SIGTERM', 'exit', 'throw', 'abort', 'empty loop', 'worker']

for (const runtime of runtimes) {
  for (const way of waysOf(runtime)) {
    testUnless(runtime.reason ?? noGuard, `${runtime.name} ends a process when it ends itself: ${way}`, async (t) => {
      const target = sleeper(t)
      await endedHost(t, runtime, way, [target])
      t.deepEqual(await ended(target), { code: null, signal: 'SIGTERM' })
    })
  }
}

testUnless(
  noGuard,
  'a process that ignores SIGTERM is killed after the grace period, also after a crash of its host',
  async (t) => {
    for (const way of ['SIGKILL', 'exit']) {
      const target = await ignoresSigterm(t)
      await endedHost(t, node, way, [target], { grace: 50 })
      t.deepEqual(await ended(target), { code: null, signal: 'SIGKILL' }, way)
    }
  },
)

testUnless(noGuard, 'the options are kept for the time after the crash', async (t) => {
  const script =
    'trap "echo INT" INT; trap "echo TERM; exit 7" TERM; echo ready; while :; do read _ || sleep 0.05; done'
  const target = shell(t, script)
  await line(target)
  const steps = [
    { signal: 'SIGINT', grace: 50 },
    { signal: 'SIGTERM', grace: Infinity },
  ] as const
  await endedHost(t, node, 'SIGKILL', [target], { steps, killTimeout: Infinity })
  t.deepEqual([await line(target), await line(target)], ['INT', 'TERM'])
  t.deepEqual(await ended(target), { code: 7, signal: null })
})

testUnless(noGuard, 'what the process has started is ended, too, unless the scope is the process', async (t) => {
  for (const scope of ['tree', 'process'] as const) {
    const target = shell(t, 'sleep 600 & echo $!; setsid sh -c "sleep 600 & echo \\$!; wait" & wait')
    const below = [await number(target), await number(target)]
    below.forEach(noteStart)
    await endedHost(t, node, 'SIGKILL', [target], { scope })
    await ended(target)
    if (scope === 'tree') await until(() => below.every(hasExited))
    else t.false(below.some(hasExited))
  }
})

testUnless(noGuard, 'what is excepted lives on', async (t) => {
  const target = shell(t, 'sleep 600 & echo $!; sleep 600 & echo $!; wait')
  const [one, other] = [await number(target), await number(target)]
  for (const pid of [one, other]) noteStart(pid)
  await endedHost(t, node, 'SIGKILL', [target], { except: [one] })
  await ended(target)
  await until(() => hasExited(other))
  t.false(hasExited(one))
})

testUnless(noGuard, 'many processes are ended at once', async (t) => {
  for (const way of ['SIGKILL', 'exit']) {
    const targets = await Promise.all(Array.from({ length: 40 }, () => ignoresSigterm(t)))
    const begin = performance.now()
    await endedHost(t, node, way, targets, { grace: 1000 })
    await Promise.all(targets.map((target) => ended(target)))
    // One after the other, it would take 40 seconds.
    t.true(performance.now() - begin < 30_000)
    t.deepEqual([...new Set(targets.map(({ signalCode }) => signalCode))], ['SIGKILL'])
  }
})

testUnless(noGuard, 'a process that was disposed of lives on', async (t) => {
  const target = sleeper(t)
  const child = host(t, node, 'dispose', [target])
  await line(child)
  const [watch, ...others] = watchesOf(child.pid)
  t.deepEqual(others, [])
  child.stdin.write('\n')
  await ended(child)
  // The watch waits for the runtime. Once it has exited, nothing would end the process any more.
  await until(() => hasExited(watch!))
  t.false(hasExited(target.pid))
})

testUnless(noGuard, 'a process is ended although its host was ended with its whole tree and group', async (t) => {
  const target = sleeper(t)
  const child = start(t, 'setsid', [node.path!, ...node.args, fixture, 'node', 'wait', '{}', String(target.pid)])
  await line(child)
  const { outcome, survivors } = await terminate(child, { grace: 0 })
  t.deepEqual([outcome, survivors], ['killed', []])
  t.deepEqual(await ended(target), { code: null, signal: 'SIGTERM' })
})

testUnless(noGuard, 'the watch of a host exits with it, and leaves nothing to do after a normal exit', async (t) => {
  for (const way of ['exit', 'SIGKILL']) {
    const target = sleeper(t)
    const child = host(t, node, way, [target, target])
    await line(child)
    t.is(watchesOf(child.pid).length, 1, 'a host has one watch')
    child.stdin.write('\n')
    await ended(child)
    await ended(target)
    await until(() => watchesOf(child.pid).length === 0)
  }
})

testUnless(noGuard, 'a host that is killed while its list is written loses nothing', async (t) => {
  for (let round = 0; round < HOSTS; round++) {
    const [other, target] = [sleeper(t), sleeper(t)]
    const child = host(t, node, 'churn', [other, target])
    await line(child)
    await sleep(Math.random() * 20)
    child.kill('SIGKILL')
    t.deepEqual(await ended(target), { code: null, signal: 'SIGTERM' })
    t.false(other.exitCode !== null)
    other.kill('SIGKILL')
  }
})

testUnless(noGuard, 'nothing is left of a host that is killed at a random moment after the call', async (t) => {
  t.timeout(300_000 + HOSTS * 4000)
  let [armed, longest] = [0, Infinity]
  for (let round = 0; round < HOSTS; round++) {
    const target = sleeper(t)
    const begin = performance.now()
    const child = host(t, node, 'wait', [target])
    const said = line(child).catch(() => '')
    // The first one shows how long a host takes to arm. Before that, no process can be expected to end.
    if (longest === Infinity) longest = await said.then(() => 2 * (performance.now() - begin))
    else await sleep(Math.random() * longest)
    child.kill('SIGKILL')
    await ended(child)
    if ((await said) === 'armed') {
      armed++
      await ended(target)
    }
    await until(() => watchesOf(child.pid).length === 0)
    target.kill('SIGKILL')
  }
  t.log(`${armed} of ${HOSTS} hosts had armed`)
  t.true(armed > 0)
})

testUnless(noGuard, 'several loads of the package have one watch, and end their processes together', async (t) => {
  for (const way of ['SIGKILL', 'exit']) {
    const targets = [sleeper(t), sleeper(t)]
    const source = `
      import { createRequire } from 'node:module'
      const require = createRequire(process.cwd() + '/')
      for (const pid of process.argv.slice(2)) {
        for (const file of Object.keys(require.cache)) delete require.cache[file]
        require('killtarget').killOnExit(Number(pid))
      }
      console.log('armed')
      process.stdin.once('data', () => (process.argv[1] === 'exit' ? process.exit() : process.kill(process.pid, 'SIGKILL')))
    `
    const child = program(t, source, [way, ...targets.map(({ pid }) => pid)])
    t.is(await line(child), 'armed')
    t.is(watchesOf(child.pid).length, 1)
    child.stdin.write('\n')
    for (const target of targets) t.is((await ended(target)).signal, 'SIGTERM', way)
  }
})

testUnless(noGuard, 'killOnExit holds nothing any more once the process has exited', async (t) => {
  killOnExit(sleeper(t))[Symbol.dispose]()
  const before = descriptors()
  for (let round = 0; round < 20; round++) {
    const target = sleeper(t)
    killOnExit(target)
    target.kill('SIGKILL')
    await ended(target)
  }
  await until(() => descriptors() <= before)
  t.pass()
})

testUnless(
  noGuard,
  'killOnExit takes each value that names a process, and does nothing for one that has exited',
  async (t) => {
    const target = KillTarget.fromChild(sleeper(t))!
    const values = [target, target.pid, target.token()!, target.info()!, target.toJSON()]
    for (const value of values) killOnExit(value)[Symbol.dispose]()
    target.killOnExit()[Symbol.dispose]()
    target.close()
    t.throws(() => target.killOnExit(), { instanceOf: KillError, code: 'ERR_TARGET_CLOSED' })
    const gone = sleeper(t)
    gone.kill('SIGKILL')
    await ended(gone)
    t.notThrows(() => killOnExit(gone)[Symbol.dispose]())
  },
)

test('killOnExit throws for a child that has exited and is seen to have left others', async (t) => {
  const child = shell(t, 'sleep 600 & exit 0', { detached: true, stdio: 'ignore' })
  await ended(child)
  t.throws(() => killOnExit(child), { instanceOf: KillError, code: 'ERR_IDENTITY_UNAVAILABLE', message: /has exited/ })
})

testUnless(
  noPidNamespace ?? noStrace,
  'killOnExit throws for a child that has left others although one look at all processes takes long',
  async (t) => {
    const options = { launcher: namespaceCommand(slowLooks) }
    t.is(await found(t, 'exit-among-many.ts', options), 'ERR_IDENTITY_UNAVAILABLE')
  },
)

testUnless(
  noPidNamespace ?? (capabilities().pidfd ? undefined : 'without /proc and pidfds, nothing identifies a process'),
  'killOnExit does nothing for a process that has exited if nothing shows what it has left',
  async (t) => {
    t.is(await inNamespace('exit-without-proc.ts', procMounts.foreign), null)
  },
)

testUnless(noGuard, 'killOnExit needs no temporary folder on Linux, where the memory has one', async (t) => {
  const child = sleeper(t)
  const source = `
    import { killOnExit } from 'killtarget'
    killOnExit(${child.pid})
    console.log('armed')
    process.kill(process.pid, 'SIGKILL')`
  t.is(await line(program(t, source, [], { env: { ...process.env, TMPDIR: '/proc' } })), 'armed')
  await until(() => hasExited(child.pid))
  t.pass()
})

testUnless(
  noGuard ?? noPidNamespace ?? undefined,
  'killOnExit throws a KillError if no folder takes its list',
  async (t) => {
    const child = sleeper(t)
    const source = `
    import { KillError, killOnExit } from 'killtarget'
    try { killOnExit(${child.pid}) } catch (error) { console.log(error instanceof KillError, error.code) }`
    const command = [process.execPath, '--no-warnings', '--input-type=module', '--eval', source]
    const covered = 'mount -t tmpfs -o ro none /dev/shm && TMPDIR=/proc exec "$@"'
    const args = ['--mount', 'sh', '-c', covered, 'sh', ...command]
    t.is(await line(start(t, 'unshare', args)), 'true ENOENT')
    t.false(hasExited(child.pid))
  },
)

test('killOnExit refuses what would end this process, and options that have no meaning', (t) => {
  const code = 'ERR_PROTECTED_TARGET'
  for (const pid of [process.pid, process.ppid, 1]) t.throws(() => killOnExit(pid), { instanceOf: KillError, code })
  const child = sleeper(t)
  t.throws(() => killOnExit(child, { scope: 'group' }), { instanceOf: KillError, code: 'ERR_NOT_GROUP_LEADER' })
  const forceSignal = new AbortController().signal
  for (const options of [{ onStep() {} }, { forceSignal }, { timeout: 1 }, { graec: 1 }] as object[]) {
    t.throws(() => killOnExit(child, options), { code: 'ERR_INVALID_ARG_VALUE' })
  }
  t.throws(() => killOnExit({} as never, { grace: '5s' as never }), { code: 'ERR_INVALID_ARG_TYPE' })
})
