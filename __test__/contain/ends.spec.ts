import { noCompiler } from '../helpers/compile.ts'
import { commandOf, GUARD, keeperOf, noGuard, queue, REQUESTS } from '../helpers/guard.ts'
import { type Child, ended, hasExited, line, pids, read, start, stat, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

type Test = Parameters<typeof start>[0]

function daemonWith(trap: string): string {
  return `sh -c '${trap}; echo $$; while :; do sleep 0.05; done'`
}

/** A shell that writes its pid, says when it gets SIGTERM, and goes on. */
const STUBBORN = daemonWith('trap "echo asked" TERM')

/** A daemon that writes its pid, and exits at SIGTERM with a message. */
const POLITE = daemonWith('trap "echo asked; exit" TERM')

/** Starts a command under a guard that starts a daemon, waits for a line and exits with 3. */
function leaving(t: Test, daemon: string, ...options: string[]): Child {
  return start(t, GUARD, [...options, '--', 'sh', '-c', `setsid ${daemon} & read _; exit 3`])
}

const isGone = (pid: number) => stat(pid) === undefined

for (const { title, daemon: script, options } of [
  { title: 'a daemon is asked to exit once the command has, and the guard waits for it', daemon: POLITE, options: [] },
  {
    title: 'a daemon that does not exit gets SIGKILL after the grace period',
    daemon: STUBBORN,
    options: ['--grace=1000'],
  },
]) {
  testUnless(noGuard, title, async (t) => {
    const guard = leaving(t, script, ...options)
    const daemon = Number(await line(guard))
    guard.stdin.end('\n')
    t.is(await line(guard), 'asked')
    t.deepEqual(await ended(guard), { code: 3, signal: null })
    t.true(isGone(daemon))
  })
}

testUnless(noGuard, 'leftovers=kill sends no other signal', async (t) => {
  const guard = leaving(t, STUBBORN, '--leftovers=kill')
  const daemon = Number(await line(guard))
  guard.stdin.end('\n')
  t.deepEqual(await ended(guard), { code: 3, signal: null })
  t.true(isGone(daemon))
  await t.throwsAsync(line(guard))
})

testUnless(noGuard, 'the signal of the options is sent', async (t) => {
  const daemon = daemonWith('trap "echo asked; exit" USR1')
  const guard = leaving(t, daemon, '--kill-signal=SIGUSR1')
  await line(guard)
  guard.stdin.end('\n')
  t.is(await line(guard), 'asked')
  t.is((await ended(guard)).code, 3)
})

for (const isolation of ['reaper', 'pid-namespace']) {
  testUnless(noGuard ?? noCompiler, `a kept daemon runs on until a request, ${isolation}`, async (t) => {
    const guard = leaving(t, POLITE, '--leftovers=keep', `--isolation=${isolation}`)
    await line(guard)
    const keeper = keeperOf(guard.pid)
    guard.stdin.end('\n')
    t.deepEqual(await ended(guard), { code: 3, signal: null })
    t.false(isGone(keeper))
    queue(keeper, REQUESTS.terminate)
    t.is(await line(guard), 'asked')
    await until(() => hasExited(keeper))
  })
}

testUnless(noGuard, 'a kept daemon runs on after the time limit of its command', async (t) => {
  let [limit, exited, daemon, keeper] = [1000, Infinity, 0, 0]
  // On a slow machine the command may not have exited by then.
  for (let begin = 0; exited - begin >= limit;) {
    limit *= 2
    begin = performance.now()
    const guard = leaving(t, POLITE, '--leftovers=keep', `--timeout=${limit}`)
    daemon = Number(await line(guard))
    try {
      keeper = keeperOf(guard.pid)
    } catch {
      continue
    }
    guard.stdin.end('\n')
    await ended(guard)
    exited = performance.now()
  }
  await until(() => performance.now() - exited > 1.5 * limit)
  t.false(isGone(daemon))
  queue(keeper, REQUESTS.terminate)
  await until(() => hasExited(daemon))
})

testUnless(noGuard, 'a kept daemon ends with the host', async (t) => {
  const script = `setsid ${POLITE} & read _ <&3; exit 3`
  const launch = ['-c', '"$@" 3<&0 & cat <&4', 'sh', GUARD, '--leftovers=keep', '--', 'sh', '-c', script]
  const host = start(t, 'sh', launch, { stdio: ['pipe', 'pipe', 'inherit', 'ignore', 'pipe'] })
  const daemon = Number(await line(host))
  host.stdin.end('\n')
  host.kill('SIGKILL')
  await ended(host)
  t.is(await line(host), 'asked')
  await until(() => hasExited(daemon))
})

testUnless(noGuard, 'leftovers=leave frees a daemon', async (t) => {
  const guard = leaving(t, STUBBORN, '--leftovers=leave')
  const daemon = Number(await line(guard))
  const keeper = keeperOf(guard.pid)
  guard.stdin.end('\n')
  t.deepEqual(await ended(guard), { code: 3, signal: null })
  await until(() => hasExited(keeper))
  t.false(isGone(daemon))
  t.false([guard.pid, keeper].includes(stat(daemon)!.ppid))
})

testUnless(noGuard, 'the command may clean up if its host is killed', async (t) => {
  const command = `trap 'echo asked; exit' TERM; echo $$; while :; do sleep 0.05; done`
  const host = start(t, 'sh', ['-c', '"$@" & cat', 'sh', GUARD, '--', 'sh', '-c', command])
  await line(host)
  host.kill('SIGKILL')
  await ended(host)
  t.is(await line(host), 'asked')
})

testUnless(noGuard, 'the end of standard input ends a command that does not exit by itself', async (t) => {
  const guard = start(t, GUARD, ['--until-stdin-ends', '--', 'sh', '-c', POLITE])
  const command = Number(await line(guard))
  guard.stdin.end()
  t.is(await line(guard), 'asked')
  await ended(guard)
  t.true(isGone(command))
})

testUnless(noGuard, 'the guard takes nothing from the standard input of a command', async (t) => {
  const guard = start(t, GUARD, ['--until-stdin-ends', '--', 'cat'])
  for (const text of ['one', 'two']) {
    guard.stdin.write(`${text}\n`)
    t.is(await line(guard), text)
  }
  guard.stdin.end()
  t.deepEqual(await ended(guard), { code: 0, signal: null })
})

testUnless(noGuard ?? noCompiler, 'a signal with another value is no request', async (t) => {
  const command = `trap 'echo got; exit 5' 63; echo; while :; do sleep 0.05; done`
  const guard = start(t, GUARD, ['--', 'sh', '-c', command])
  await line(guard)
  queue(guard.pid, 1)
  t.is(await line(guard), 'got')
  t.is((await ended(guard)).code, 5)
})

for (const isolation of ['reaper', 'pid-namespace']) {
  testUnless(
    noGuard ?? noCompiler,
    `a command that waits begins at a request to the keeper, ${isolation}`,
    async (t) => {
      const guard = start(t, GUARD, ['--wait', `--isolation=${isolation}`, 'sh', '-c', 'echo begun; exit 7'])
      await until(() => stat(guard.pid)?.state !== undefined && hasKeeper(guard.pid))
      const command = commandOf(guard.pid)
      // A signal of another kind is no request, and the command gets it once it begins.
      guard.kill('SIGCONT')
      t.is(read(command, 'comm'), 'kt-start\n')
      queue(keeperOf(guard.pid), REQUESTS.begin)
      t.is(await line(guard), 'begun')
      t.deepEqual(await ended(guard), { code: 7, signal: null })
    },
  )

  testUnless(noGuard ?? noCompiler, `a command that waits never begins after a kill, ${isolation}`, async (t) => {
    for (const end of ['request', 'guard', 'keeper']) {
      const guard = start(t, GUARD, ['--wait', `--isolation=${isolation}`, 'sh', '-c', 'echo begun; exit 7'])
      await until(() => stat(guard.pid)?.state !== undefined && hasKeeper(guard.pid))
      const keeper = keeperOf(guard.pid)
      if (end === 'request') queue(guard.pid, REQUESTS.kill)
      else process.kill(end === 'guard' ? guard.pid : keeper, 'SIGKILL')
      t.deepEqual(await ended(guard), { code: null, signal: 'SIGKILL' })
      await until(() => hasExited(keeper))
      await t.throwsAsync(line(guard))
    }
  })
}

/** The keeper has its name once the command's process exists. */
function hasKeeper(guard: number): boolean {
  return pids().some((pid) => stat(pid)?.ppid === guard && read(pid, 'comm')?.startsWith('kt-keep ') === true)
}
