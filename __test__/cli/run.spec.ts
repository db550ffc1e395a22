import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { CLI, noRun, RUN } from '../helpers/cli.ts'
import { noCompiler } from '../helpers/compile.ts'
import { facts, type Given } from '../helpers/facts.ts'
import { GUARD } from '../helpers/guard.ts'
import { ended, line, number, start, stat, testEnv, within } from '../helpers/processes.ts'
import { runtimes } from '../helpers/runtimes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const [node, ...run] = RUN

for (const { command, result } of [
  { command: 'exit 0', result: { code: 0, signal: null } },
  { command: 'exit 42', result: { code: 42, signal: null } },
  { command: 'kill -TERM $$', result: { code: null, signal: 'SIGTERM' } },
  { command: 'kill -KILL $$', result: { code: null, signal: 'SIGKILL' } },
]) {
  testUnless(noRun, `killtarget run ends as its command does: ${command}`, async (t) => {
    const child = start(t, node, [...run, '--', 'sh', '-c', command])
    t.deepEqual(await ended(child), result)
  })
}

testUnless(noRun, 'killtarget run becomes the guard, with the same pid', async (t) => {
  const child = start(t, node, [...run, '--', 'sh', '-c', 'echo $$; exec cat'])
  const command = await number(child)
  t.is(readlinkSync(`/proc/${child.pid}/exe`), GUARD)
  t.is(stat(stat(command)!.ppid)!.ppid, child.pid)
})

testUnless(
  noRun,
  'the command of killtarget run reads and writes the pipes of the caller, up to their ends',
  async (t) => {
    const child = start(t, node, [...run, 'cat'])
    child.stdin.end('in\n')
    t.is(await within(text(child.stdout), 'its output'), 'in\n')
    t.deepEqual(await ended(child), { code: 0, signal: null })
  },
)

testUnless(noRun, 'a signal to killtarget run reaches its command', async (t) => {
  const child = start(t, node, [...run, 'sh', '-c', 'trap "exit 5" USR1; echo; while :; do sleep 0.02; done'])
  await line(child)
  child.kill('SIGUSR1')
  t.deepEqual(await ended(child), { code: 5, signal: null })
})

testUnless(noRun, 'killtarget run passes the options of the guard on', async (t) => {
  // A polite signal would be answered.
  const daemon = `sh -c 'trap "echo asked" TERM; echo; while :; do sleep 0.02; done'`
  const child = start(t, node, [
    ...run,
    '--leftovers=kill',
    '--session',
    '--',
    'sh',
    '-c',
    `${daemon} & read _; exit 3`,
  ])
  await line(child)
  child.stdin.end('\n')
  t.deepEqual(await ended(child), { code: 3, signal: null })
  t.is(await within(text(child.stdout), 'its output'), '')
})

testUnless(noRun, 'with --until-stdin-ends the command ends with the other end of standard input', async (t) => {
  const child = start(t, node, [...run, '--until-stdin-ends', '--', 'sleep', '600'])
  child.stdin.end()
  t.deepEqual(await ended(child), { code: null, signal: 'SIGTERM' })
})

testUnless(noRun, 'a command that is forked by killtarget run talks with its parent', async (t) => {
  const command = `process.on('message', (message) => process.send({ got: message }))`
  const child = fork(CLI, ['run', '--', node, '--eval', command], {
    execArgv: [],
    serialization: 'advanced',
    env: testEnv(t),
  })
  t.teardown(() => child.kill('SIGKILL'))
  child.send(new Map([[1, 2n]]))
  t.deepEqual(await within(once(child, 'message'), 'an answer'), [{ got: new Map([[1, 2n]]) }, undefined])
  child.disconnect()
  t.deepEqual(await ended(child), { code: 0, signal: null })
})

testUnless(noRun, 'killtarget run passes arguments and variables on that are not UTF-8', async (t) => {
  // Node cannot pass them itself.
  const script = `export BYTES="$(printf '\\377\\376')"; exec "$@" "$BYTES"`
  const show = `printf '%s %s' "$1" "$BYTES" | od -An -tx1`
  // The guard gets these options in another form.
  for (const options of [[], ['-t', '10m', '--grace=5s'], ['-t10m', '--grace', '5s', '--timeout', '1h']]) {
    const child = start(t, 'sh', ['-c', script, 'sh', ...RUN, ...options, '--', 'sh', '-c', show, 'sh'])
    t.is((await within(text(child.stdout), 'its output')).trim(), 'ff fe 20 ff fe', options.join(' '))
  }
})

for (const runtime of runtimes) {
  for (const [what, given] of Object.entries<Given>({
    'by default': {},
    'with odd arguments': { args: ['', '-x', '--', '--session', 'a b', '\n', '\u{1f600}', '"', 'x'.repeat(100_000)] },
    'with odd variables': { settings: ['variable=', 'variable=A=1', 'variable=A=2', 'variable=no-equals-sign'] },
    'when detached, in another folder': { options: { detached: true, cwd: '/usr' }, settings: ['umask=027'] },
    'with more descriptors': { options: { stdio: ['pipe', 'pipe', 'ignore', 'pipe', 'ignore', 'inherit', 'pipe'] } },
    'with descriptors of high numbers': { settings: ['copy=1:63', 'copy=0:64', 'copy=2:500'] },
  })) {
    testUnless(
      noRun ?? noCompiler ?? runtime.reason,
      `a command inherits the same with and without killtarget run, on ${runtime.name}: ${what}`,
      async (t) => {
        const options = { ...given.options, env: { ...process.env, ...runtime.env } }
        const launcher = [runtime.path!, ...runtime.args, CLI, 'run', '--']
        const [plain, contained] = [
          await facts(t, [], { ...given, options }),
          await facts(t, launcher, { ...given, options }),
        ]
        t.true(plain.length > 60)
        t.deepEqual(contained, plain)
      },
    )
  }
}

testUnless(noRun, 'SIGPIPE ends a command of killtarget run, although Node ignores it', async (t) => {
  const child = start(t, node, [...run, '--', 'sh', '-c', 'kill -PIPE $$'])
  t.deepEqual(await ended(child), { code: null, signal: 'SIGPIPE' })
})

for (const { args, code, message } of [
  { args: ['run'], code: 125, message: 'killtarget run: Expected a command to run.' },
  { args: ['run', '--'], code: 125, message: 'killtarget run: Expected a command to run.' },
  {
    args: ['run', '--gracee=1', 'echo'],
    code: 125,
    message: 'killtarget run: No such option: --gracee. Did you mean --grace?',
  },
  { args: ['run', '-x', 'echo'], code: 125, message: 'killtarget run: No such option: -x. See' },
  { args: ['run', '--grace', 'x', 'echo'], code: 125, message: 'killtarget run: Expected --grace to be a time' },
  {
    args: ['run', '-t'],
    code: 125,
    message: 'killtarget run: Expected --timeout to be a time such as 5s, 500ms or 0, got nothing.',
  },
  { args: ['run', '--session=1', 'x'], code: 125, message: 'killtarget run: Expected --session without a value.' },
  { args: ['run', '--session=1', 'echo'], code: 125, message: 'killtarget run: Expected --session without a value.' },
  { args: ['run', '--grace=x', 'echo'], code: 125, message: 'killtarget run: Expected --grace to be a time' },
  {
    args: ['run', '--orphaned=keep', 'echo'],
    code: 125,
    message: 'killtarget run: Expected --orphaned to be terminate, kill or leave, got keep.',
  },
  { args: ['run', '--kill-signal=NOPE', 'echo'], code: 125, message: 'killtarget run: Expected --kill-signal to be' },
  { args: ['run', '--kill-signal=0', 'echo'], code: 125, message: 'killtarget run: Expected --kill-signal to be' },
  { args: ['run', '--kill-signal=33', 'echo'], code: 125, message: 'killtarget run: Expected --kill-signal to be' },
  { args: ['run', '--parent=me', 'echo'], code: 125, message: 'killtarget run: Expected --parent to be a pid' },
  {
    args: ['run', '--isolation=none', 'echo'],
    code: 125,
    message: `killtarget run: Expected --isolation to be ${process.platform === 'linux' ? 'reaper or' : ''}`,
  },
  { args: ['run', '--', '/nonexistent'], code: 127, message: 'killtarget-guard: /nonexistent: ' },
  { args: ['run', '--', '/'], code: 126, message: 'killtarget-guard: /: ' },
  { args: ['guard', 'x'], code: 2, message: 'killtarget guard: Expected no arguments.' },
  { args: ['rnu'], code: 2, message: 'killtarget: No such command: rnu.' },
  { args: ['demo', 'x'], code: 2, message: 'killtarget demo: Expected no arguments.' },
  { args: ['completion', 'ksh'], code: 2, message: 'killtarget completion: Expected bash, zsh or fish.' },
  { args: [], code: 2, message: 'killtarget: Expected a pid, a token, a port such as :3000, or a command.' },
]) {
  testUnless(noRun, `the command line refuses what it cannot do: killtarget ${args.join(' ')}`, async (t) => {
    const child = start(t, node, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, error] = await within(Promise.all([text(child.stdout), text(child.stderr!)]), 'its output')
    t.deepEqual(await ended(child), { code, signal: null })
    t.is(output, '')
    t.is(error.slice(0, message.length), message)
  })
}

for (const name of ['INT', 'SIGINT', 'int', '2']) {
  testUnless(noRun, `killtarget run --kill-signal=${name} asks with that signal`, async (t) => {
    const command = "trap 'echo INT; exit 0' INT; echo ready; while :; do sleep 0.02; done"
    const child = start(t, node, [...run, `--kill-signal=${name}`, '-t', '500ms', 'sh', '-c', command])
    t.deepEqual([await line(child), await line(child)], ['ready', 'INT'])
    t.deepEqual(await ended(child), { code: 0, signal: null })
  })
}

testUnless(noRun, 'killtarget run runs under killtarget run', async (t) => {
  const child = start(t, node, [...run, ...RUN, ...RUN, 'sh', '-c', 'echo in; exit 4'])
  t.is(await line(child), 'in')
  t.deepEqual(await ended(child), { code: 4, signal: null })
})

testUnless(noRun, 'killtarget guard prints the path of the guard', async (t) => {
  const child = start(t, node, [CLI, 'guard'])
  t.is(await line(child), GUARD)
  t.is((await ended(child)).code, 0)
})

testUnless(undefined, 'the command line has help and a version', async (t) => {
  for (const [args, expected] of [
    [['--help'], 'Usage: killtarget [option...] <pid'],
    [['run', '--help'], 'Usage: killtarget run [option...]'],
    [['--version'], process.env['npm_package_version'] ?? '0.'],
  ] as const) {
    const child = start(t, node, [CLI, ...args])
    t.is((await line(child)).slice(0, expected.length), expected)
    t.is((await ended(child)).code, 0)
  }
})

testUnless(noRun, 'an option behind the command of killtarget run is that of the command', async (t) => {
  const child = start(t, node, [...run, 'sh', '-c', 'echo "$1"', 'sh', '--help'])
  t.is(await line(child), '--help')
  t.is((await ended(child)).code, 0)
})
