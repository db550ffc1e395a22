import { compiled, noCompiler } from '../helpers/compile.ts'
import { leavesNothing } from '../helpers/dying-hosts.ts'
import { commandOf, GUARD, keeperOf, noGuard } from '../helpers/guard.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import { type Child, ended, hasExited, line, read, shell, start, stat, state, until } from '../helpers/processes.ts'
import { detach, failToOpen, noStrace } from '../helpers/strace.ts'
import { serialUnless, testUnless } from '../helpers/test-unless.ts'

const DEATHS = Number(process.env['KILLTARGET_TEST_DEATHS'] ?? 100)

/** A host is killed between the guard's exec and a moment when the command runs. */
const LENGTH = { deaths: DEATHS, moments: 4000, each: 200, rest: 60_000 }

/** A daemon, and a process that waits. They expire by themselves. */
const COMMAND = ['sh', '-c', 'setsid sleep 600 & exec sleep 600']

type Test = Parameters<typeof start>[0]

const identity = (pid: number) => `--parent=${pid}:${stat(pid)!.startTime}`

for (const orphaned of ['kill', 'terminate']) {
  serialUnless(
    noGuard ?? noCompiler ?? noPidNamespace ?? undefined,
    `no process is left if its host is killed at a random moment, orphaned ${orphaned}`,
    (t) => {
      const guard = [GUARD, '--parent=', `--orphaned=${orphaned}`, '--', ...COMMAND]
      return leavesNothing(t, LENGTH, guard)
    },
  )
}

testUnless(noGuard, 'a guard does not start the command if its host has exited', async (t) => {
  const host = start(t, 'true')
  const token = identity(host.pid)
  await ended(host)
  const guard = start(t, GUARD, [token, '--', 'echo', 'started'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const [text, error] = await Promise.all([guard.stdout, guard.stderr!].map((stream) => stream.toArray()))
  t.deepEqual(await ended(guard), { code: 125, signal: null })
  t.deepEqual(text, [])
  t.is(String(error), 'killtarget-guard: host: has exited\n')
})

testUnless(noGuard, 'a guard does not take a process with the pid of its host for the host', async (t) => {
  const host = start(t, 'cat')
  const wrong = `--parent=${host.pid}:${stat(host.pid)!.startTime - 1}`
  const guard = start(t, GUARD, [wrong, '--', 'echo', 'started'], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.deepEqual(await guard.stdout.toArray(), [])
  t.is((await ended(guard)).code, 125)
})

testUnless(noGuard, 'the command ends with its host, although the parent of the guard lives on', async (t) => {
  const host = start(t, 'cat')
  const between = shell(t, `${GUARD} ${identity(host.pid)} -- sh -c 'echo $$; exec sleep 600' & cat`)
  const command = Number(await line(between))
  host.kill('SIGKILL')
  await until(() => hasExited(command))
  t.is(between.exitCode, null)
})

testUnless(noGuard ?? noCompiler, 'a host lives on although its first thread has exited', async (t) => {
  for (const launcher of [[], [compiled('no-pidfd')]]) {
    const host = start(t, compiled('zombie-leader'))
    await line(host)
    await until(() => state(host.pid) === 'Z')
    const guard = [...launcher, GUARD, identity(host.pid), '--', 'sh', '-c', 'echo ready; read _; echo over'] as const
    const between = start(t, 'sh', ['-c', '"$@"; exit', 'sh', ...guard])
    t.is(await line(between), 'ready')
    between.stdin.write('\n')
    t.is(await line(between), 'over')
  }
})

testUnless(
  noGuard ?? noCompiler ?? noStrace,
  'a host lives on although the guard once cannot read whether it does',
  async (t) => {
    const host = start(t, 'cat')
    const guard = [compiled('no-pidfd'), GUARD, identity(host.pid), '--', 'sh', '-c', 'echo ready; read _; echo over']
    const between = start(t, 'sh', ['-c', '"$@"; exit', 'sh', ...guard])
    t.is(await line(between), 'ready')
    const strace = await failToOpen(t, keeperBelow(between), 1)
    t.regex(await line(strace), /INJECTED/)
    // It has looked again.
    for (let count = 0; count < 2; count++) await line(strace)
    await detach(strace)
    between.stdin.write('\n')
    t.is(await line(between), 'over')
  },
)

testUnless(
  noGuard ?? noCompiler,
  'a guard that cannot read whether its host lives starts nothing, and says why',
  async (t) => {
    const limited = [compiled('no-pidfd'), 'sh', '-c', 'ulimit -n 3; exec "$@"', 'sh']
    const guard = [...limited, GUARD, identity(process.pid), '--', 'echo', 'started']
    const between = start(t, 'sh', ['-c', '"$@"; exit', 'sh', ...guard], { stdio: ['pipe', 'pipe', 'pipe'] })
    const [text, error] = await Promise.all([between.stdout, between.stderr!].map((stream) => stream.toArray()))
    t.is(String(text), '')
    t.regex(String(error), /^killtarget-guard: host: .*files\n$/)
    t.is((await ended(between)).code, 125)
  },
)

/** Returns the pid of the keeper of a guard that a shell has started. */
const keeperBelow = (parent: Child) => keeperOf(children(parent.pid)[0]!)

const children = (pid: number) => read(pid, `task/${pid}/children`).split(' ').map(Number)

const isRunning = (host: Child) => host.exitCode === null && host.signalCode === null

/** Starts a guard that has four hosts, its parent and three others. Returns the hosts in this order, and the command's pid. */
async function withHosts(t: Test, options = '') {
  const others = Array.from({ length: 3 }, () => start(t, 'cat'))
  const command = `-- sh -c 'echo; exec sleep 600'`
  const tokens = others.map((host) => identity(host.pid)).join(' ')
  const parent = shell(t, `read own; ${GUARD} ${options} $own ${tokens} ${command} & echo $!; cat`)
  parent.stdin.write(`${identity(parent.pid)}\n`)
  // The line of the command may be the first one.
  const guard = Number((await line(parent)) + (await line(parent)))
  return { hosts: [parent, ...others], guard, command: commandOf(guard) }
}

for (const isolation of ['reaper', 'pid-namespace']) {
  for (const position of [0, 1, 2, 3]) {
    testUnless(
      noGuard ?? (isolation === 'reaper' ? undefined : (noPidNamespace ?? undefined)),
      `the command ends with host ${position} of four, isolation ${isolation}`,
      async (t) => {
        const { hosts, command } = await withHosts(t, `--isolation=${isolation}`)
        hosts[position]!.kill('SIGKILL')
        await until(() => hasExited(command))
        await ended(hosts[position]!)
        t.is(hosts.filter(isRunning).length, 3)
      },
    )
  }
}

for (const position of [0, 1, 2, 3]) {
  testUnless(noGuard, `the command of a stopped guard ends with host ${position} of four`, async (t) => {
    const { hosts, guard, command } = await withHosts(t)
    process.kill(guard, 'SIGSTOP')
    await until(() => state(guard) === 'T')
    hosts[position]!.kill('SIGKILL')
    await until(() => hasExited(command))
    await ended(hosts[position]!)
    t.is(hosts.filter(isRunning).length, 3)
  })
}

testUnless(noGuard, 'a guard does not start the command if one host of several has exited', async (t) => {
  const gone = start(t, 'true')
  const tokens = [identity(gone.pid), identity(process.pid)]
  await ended(gone)
  for (const order of [tokens, tokens.toReversed()]) {
    const guard = start(t, GUARD, [...order, '--', 'echo', 'started'], { stdio: ['pipe', 'pipe', 'ignore'] })
    t.deepEqual(await guard.stdout.toArray(), [])
    t.is((await ended(guard)).code, 125)
  }
})

testUnless(noGuard, 'a guard refuses a fifth host', async (t) => {
  const tokens = Array.from({ length: 5 }, () => identity(process.pid))
  const guard = start(t, GUARD, [...tokens, '--', 'echo', 'started'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const [text, error] = await Promise.all([guard.stdout, guard.stderr!].map((stream) => stream.toArray()))
  t.is((await ended(guard)).code, 125)
  t.deepEqual(text, [])
  t.is(String(error), `killtarget-guard: ${tokens[0]}: wrong value\n`)
})

testUnless(noGuard, 'the command lives on if the host is gone and orphaned is leave', async (t) => {
  const host = shell(t, `${GUARD} --orphaned=leave -- sh -c 'echo $$; exec sleep 600' & cat`)
  const command = Number(await line(host))
  host.kill('SIGKILL')
  await ended(host)
  t.not(stat(command), undefined)
})
