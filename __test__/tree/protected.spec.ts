import test, { type ExecutionContext } from 'ava'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { ended, json, line, number, program, start, until } from '../helpers/processes.ts'
import { noSignalTrace, signalTrace } from '../helpers/signal-trace.ts'
import { isOver, living, planted } from '../helpers/tree.ts'
import { testUnless } from '../helpers/test-unless.ts'

/**
 * Asks in all ways for the end of the process whose pid it is given, and writes what came of that. What it sends is
 * harmless where it arrives: a test that fails must not end what it runs in.
 */
const asker = `
  import { KillTarget } from 'killtarget'
  const target = KillTarget.fromPid(Number(process.argv[1]))
  const options = { scope: 'tree', killSignal: 'SIGURG', grace: false, timeout: 0 }
  const outcomes = []
  for (const call of ['terminate', 'terminateSync', 'suspend', 'resume']) {
    try { outcomes.push((await target[call](options)).outcome) } catch ({ code }) { outcomes.push(code) }
  }
  console.log(JSON.stringify(outcomes))
  process.exit()
`

/** What it is told where the shell runs the script, in a session of its own, and has the command to ask in `"$@"`. */
function answers(t: ExecutionContext, script: string, launcher: readonly string[] = []): Promise<string[]> {
  const command = [process.execPath, '--no-warnings', '--input-type=module', '--eval', asker, '--']
  return json(start(t, 'sh', ['-c', script, 'sh', ...launcher, ...command], { detached: true }))
}

const REFUSED = Array.from({ length: 4 }, () => 'ERR_PROTECTED_TARGET')

const isRefused = test.macro(async (t, script: string) => {
  t.deepEqual(await answers(t, script), REFUSED)
})

/** Whose tree it asks for: of one whose member, with a session of its own, has left it to pid 1. */
const IN_SESSION_OF_MEMBER = `setsid sh -c '("$@" "$0" &); sleep 60' $$ "$@" & sleep 60`

test('the tree of this process is refused', isRefused, `exec sh -c 'exec "$@" $$' sh "$@"`)
test('so is the tree of its parent', isRefused, '"$@" $$; exit')
test(
  'so is that of an ancestor further up, in whatever group and session',
  isRefused,
  `setsid --wait "$@" ${process.pid}; exit`,
)
test('so is that of pid 1', isRefused, '"$@" 1; exit')
test('so is one in whose session this process is, though it descends from another', isRefused, '("$@" $$ &); sleep 60')
test(
  'so is one in whose session an ancestor is, though that descends from another',
  isRefused,
  `(sh -c 'setsid --wait "$@"; exit' sh "$@" $$ &); sleep 60`,
)

// That shows only when the tree is looked through.
test('so is one in the session of one of whose members it is', isRefused, IN_SESSION_OF_MEMBER)

for (const [how, script] of [
  ['beforehand', '"$@" $$; exit'],
  ['by a look', IN_SESSION_OF_MEMBER],
] as const) {
  testUnless(noSignalTrace, `nothing was sent to anybody when it is refused: ${how}`, async (t) => {
    const { launcher, sent } = signalTrace(t)
    t.deepEqual(await answers(t, script, launcher), REFUSED)
    t.deepEqual(sent(), [])
  })
}

test('a sister is not protected, nor is a child', async (t) => {
  const survived = ['survived', 'survived']
  for (const script of ['sleep 60 & "$@" $!; exit', 'setsid sleep 60 & "$@" $!; exit']) {
    const [asked, askedSync, suspended, resumed] = await answers(t, script)
    t.deepEqual([asked, askedSync], survived)
    t.not(suspended, 'ERR_PROTECTED_TARGET')
    t.not(resumed, 'ERR_PROTECTED_TARGET')
  }
})

testUnless(noCompiler, 'with `allowSelf` the tree of this process ends, and this process last', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import { terminate } from 'killtarget'
    spawn(process.argv[1], ['i:one(i:two(g:three) is:four)'], { stdio: ['ignore', 'inherit', 'inherit'] })
    process.stdin.once('data', () => {
      void terminate(process.pid, { allowSelf: true, grace: 100, timeout: 60_000 })
    })
  `
  const { root, pids } = await planted(program(t, source, [compiled('tree')]))
  root.stdin.write('now')
  t.deepEqual(await ended(root), { code: null, signal: 'SIGTERM' })
  t.is(pids.length, 4)
  t.deepEqual(living(pids), [])
})

test('with `allowSelf` so does the tree of an ancestor, and this process last', async (t) => {
  const source = `
    import { terminate } from 'killtarget'
    process.on('SIGTERM', () => {
      console.log('asked')
      process.exit()
    })
    console.log('ready')
    process.stdin.once('data', () => {
      void terminate(process.ppid, { allowSelf: true, grace: 60_000, timeout: 60_000 })
    })
  `
  const script = 'sleep 60 & echo $!; setsid "$@" <&3 & echo $!; wait'
  const command = [process.execPath, '--no-warnings', '--input-type=module', '--eval', source]
  const root = start(t, 'sh', ['-c', `exec 3<&0; ${script}`, 'sh', ...command], { detached: true })
  const members = [await number(root), await number(root)]
  t.is(await line(root), 'ready')
  const [others, self] = [[root.pid, members[0]!], members[1]!]
  root.stdin.write('now')
  t.is(await line(root), 'asked')
  t.deepEqual(living(others), [])
  await until(() => isOver(self))
})
