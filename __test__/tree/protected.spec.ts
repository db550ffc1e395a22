import test, { type ExecutionContext } from 'ava'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { ended, hasExited, json, line, number, program, start, until } from '../helpers/processes.ts'
import { noSignalTrace, signalTrace } from '../helpers/signal-trace.ts'
import { living, readTree } from '../helpers/tree.ts'
import { testUnless } from '../helpers/test-unless.ts'

/**
 * Terminates, suspends and resumes the tree of a pid, and writes the results. Its signals have no effect: a failing test
 * must not terminate its own environment.
 */
const asker = `
  import { KillTarget } from 'killtarget'
  const target = KillTarget.fromPid(Number(process.argv[1]))
  const scope = 'tree'
  const options = { scope, killSignal: 'SIGURG', grace: false, killTimeout: 0 }
  const calls = { terminate: options, terminateSync: options, suspend: { scope }, resume: { scope } }
  const outcomes = []
  for (const [call, options] of Object.entries(calls)) {
    try { outcomes.push((await target[call](options)).outcome) } catch ({ code }) { outcomes.push(code) }
  }
  console.log(JSON.stringify(outcomes))
  process.exit()
`

/** Runs the script in a shell that leads a session, with the command above in `"$@"`. Resolves to the results. */
function answers(t: ExecutionContext, script: string, launcher: readonly string[] = []): Promise<string[]> {
  const command = [process.execPath, '--no-warnings', '--input-type=module', '--eval', asker, '--']
  return json(start(t, 'sh', ['-c', script, 'sh', ...launcher, ...command], { detached: true }))
}

const REFUSED = Array.from({ length: 4 }, () => 'ERR_PROTECTED_TARGET')

const isRefused = test.macro(async (t, script: string) => {
  t.deepEqual(await answers(t, script), REFUSED)
})

/** Asks for the tree of a process. A member of that tree leads a session, and the asking process is an orphan in it. */
const IN_SESSION_OF_MEMBER = `setsid sh -c '("$@" "$0" &); sleep 600' $$ "$@" & sleep 600`

test('terminate refuses the tree of this process', isRefused, `exec sh -c 'exec "$@" $$' sh "$@"`)
test('terminate refuses the tree of the parent', isRefused, '"$@" $$; exit')
test(
  'terminate refuses the tree of an ancestor of the parent, in any group and session',
  isRefused,
  `setsid --wait "$@" ${process.pid}; exit`,
)
test('terminate refuses the tree of pid 1', isRefused, '"$@" 1; exit')
test('terminate refuses a tree if this process is an orphan in its session', isRefused, '("$@" $$ &); sleep 600')
test(
  'terminate refuses a tree if an ancestor is an orphan in its session',
  isRefused,
  `(sh -c 'setsid --wait "$@"; exit' sh "$@" $$ &); sleep 600`,
)

// Only a scan of the tree finds that.
test(
  'terminate refuses a tree if this process is an orphan in the session of a member',
  isRefused,
  IN_SESSION_OF_MEMBER,
)

for (const [how, script] of [
  ['before a scan', '"$@" $$; exit'],
  ['after a scan', IN_SESSION_OF_MEMBER],
] as const) {
  testUnless(noSignalTrace, `a refused terminate sends no signal: ${how}`, async (t) => {
    const { launcher, sent } = signalTrace(t)
    t.deepEqual(await answers(t, script, launcher), REFUSED)
    t.deepEqual(sent(), [])
  })
}

test('terminate does not refuse a sibling of this process', async (t) => {
  const survived = ['survived', 'survived']
  for (const script of ['sleep 600 & "$@" $!; exit', 'setsid sleep 600 & "$@" $!; exit']) {
    const [asked, askedSync, suspended, resumed] = await answers(t, script)
    t.deepEqual([asked, askedSync], survived)
    t.not(suspended, 'ERR_PROTECTED_TARGET')
    t.not(resumed, 'ERR_PROTECTED_TARGET')
  }
})

testUnless(noCompiler, 'terminate with `allowSelf` ends the tree of this process, and this process last', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import { terminate } from 'killtarget'
    spawn(process.argv[1], ['i:one(i:two(g:three) is:four)'], { stdio: ['ignore', 'inherit', 'inherit'] })
    process.stdin.once('data', () => {
      void terminate(process.pid, { allowSelf: true, grace: 100, killTimeout: 60_000 })
    })
  `
  const { root, pids } = await readTree(program(t, source, [compiled('tree')]))
  root.stdin.write('now')
  t.deepEqual(await ended(root), { code: null, signal: 'SIGTERM' })
  t.is(pids.length, 4)
  t.deepEqual(living(pids), [])
})

test('terminate with `allowSelf` ends the tree of an ancestor, and this process last', async (t) => {
  const source = `
    import { terminate } from 'killtarget'
    process.on('SIGTERM', () => {
      console.log('asked')
      process.exit()
    })
    console.log('ready')
    process.stdin.once('data', () => {
      void terminate(process.ppid, { allowSelf: true, grace: 60_000, killTimeout: 60_000 })
    })
  `
  const script = 'sleep 600 & echo $!; setsid "$@" <&3 & echo $!; wait'
  const command = [process.execPath, '--no-warnings', '--input-type=module', '--eval', source]
  const root = start(t, 'sh', ['-c', `exec 3<&0; ${script}`, 'sh', ...command], { detached: true })
  const members = [await number(root), await number(root)]
  t.is(await line(root), 'ready')
  const [others, self] = [[root.pid, members[0]!], members[1]!]
  root.stdin.write('now')
  t.is(await line(root), 'asked')
  t.deepEqual(living(others), [])
  await until(() => hasExited(self))
})
