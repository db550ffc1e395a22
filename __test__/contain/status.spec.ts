import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { commandOf, GUARD, noGuard } from '../helpers/guard.ts'
import { type Child, ended, line, start, within } from '../helpers/processes.ts'
import { refusalOf } from '../helpers/refusal.ts'
import { testUnless } from '../helpers/test-unless.ts'

const WAYS = ['plain', 'detached']

/** Those that stop, continue or leave a process as it is by default. */
const DO_NOT_END = new Set([17, 18, 19, 20, 21, 22, 23, 28])

const CODES = Array.from({ length: 256 }, (_, code) => code)
const SIGNALS = Array.from({ length: 64 }, (_, index) => index + 1).filter((signal) => !DO_NOT_END.has(signal))

/** Returns what the parent of a guard sees of it, for each number. The command gets the number as its last argument. */
async function statuses(t: ExecutionContext, way: string, numbers: number[], command: string[], cwd?: string) {
  const child = start(t, compiled('statuses'), [way, GUARD, '--', ...command], cwd === undefined ? {} : { cwd })
  child.stdin.end(numbers.join('\n'))
  const output = await within(text(child.stdout), 'the statuses')
  t.deepEqual(await ended(child), { code: 0, signal: null })
  return output.trimEnd().split('\n')
}

const noUserNamespace = refusalOf(['unshare', '--user', '--map-root-user']) ?? undefined

testUnless(
  noGuard ?? noUserNamespace,
  'a PID namespace that is refused is named, and nothing is started',
  async (t) => {
    const refusing = 'echo 0 > /proc/sys/user/max_pid_namespaces; exec "$0" --isolation=pid-namespace echo started'
    const command = ['--user', '--map-root-user', 'sh', '-c', refusing, GUARD]
    const child = start(t, 'unshare', command, { stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, errors] = await within(Promise.all([text(child.stdout), text(child.stderr!)]), 'the output')
    t.deepEqual(await ended(child), { code: 125, signal: null })
    t.is(output, '')
    t.is(errors, 'killtarget-guard: cannot make a PID namespace: No space left on device\n')
  },
)

for (const way of WAYS) {
  testUnless(
    noGuard ?? noCompiler,
    `a ${way} guard exits with each of the 256 codes that its command can exit with`,
    async (t) => {
      const exit = ['sh', '-c', 'exit $1', 'sh']
      t.deepEqual(
        await statuses(t, way, CODES, exit),
        CODES.map((code) => `exited ${code}`),
      )
    },
  )

  testUnless(
    noGuard ?? noCompiler,
    `a ${way} guard is ended by each signal that can end its command, also by real-time signals`,
    async (t) => {
      const endBySignal = ['sh', '-c', 'ulimit -c 0; kill -$1 $$', 'sh']
      t.deepEqual(
        await statuses(t, way, SIGNALS, endBySignal),
        SIGNALS.map((signal) => `ended-by ${signal}`),
      )
    },
  )
}

testUnless(noGuard ?? noCompiler, 'a guard whose command dumps core writes no core of its own', async (t) => {
  const folder = temporary(t)
  const dump = ['sh', '-c', 'ulimit -c unlimited 2>&-; kill -$1 $$', 'sh']
  t.deepEqual(await statuses(t, 'plain', [6], dump, folder), ['ended-by 6'])
  t.true(readdirSync(folder).length <= 1)
})

testUnless(noGuard, 'a guard is ended by the signal that another process has sent to its command', async (t) => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const) {
    const guard = guarded(t, ['sh', '-c', 'echo; exec sleep 600'])
    await line(guard)
    process.kill(commandOf(guard.pid), signal)
    t.deepEqual(await ended(guard), { code: null, signal })
  }
})

testUnless(noGuard, 'a guard whose keeper was killed is ended by SIGKILL', async (t) => {
  const guard = guarded(t, ['sh', '-c', 'echo $PPID; exec sleep 600'])
  process.kill(Number(await line(guard)), 'SIGKILL')
  t.deepEqual(await ended(guard), { code: null, signal: 'SIGKILL' })
})

/** Runs a guard. Resolves to its code and output. */
async function run(t: ExecutionContext, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const guard = start(t, GUARD, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const output = Promise.all([text(guard.stdout), text(guard.stderr!)])
  const [[stdout, stderr], { code }] = [await within(output, 'the output'), await ended(guard)]
  return { code, stdout, stderr }
}

function guarded(t: ExecutionContext, command: string[]): Child {
  return start(t, GUARD, ['--', ...command])
}

function temporary(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

for (const { args, subject, reason } of [
  { args: [], subject: 'command', reason: 'expected a command to start' },
  { args: ['--'], subject: 'command', reason: 'expected a command to start' },
  { args: ['--session'], subject: 'command', reason: 'expected a command to start' },
  { args: ['-x', 'echo', 'ran'], subject: '-x', reason: 'no such option' },
  { args: ['-', 'echo', 'ran'], subject: '-', reason: 'no such option' },
  { args: ['--kill', 'echo', 'ran'], subject: '--kill', reason: 'no such option' },
  { args: ['--grace=-1', 'echo', 'ran'], subject: '--grace=-1', reason: 'wrong value' },
  { args: ['--grace', '5', 'echo', 'ran'], subject: '--grace', reason: 'wrong value' },
  { args: ['--leftovers=none', 'echo', 'ran'], subject: '--leftovers=none', reason: 'wrong value' },
  { args: ['--session=yes', 'echo', 'ran'], subject: '--session=yes', reason: 'wrong value' },
  { args: ['--parent=2147483647', 'echo', 'ran'], subject: 'host', reason: 'has exited' },
]) {
  testUnless(noGuard, `a guard exits with 125 and starts nothing if it was called as: ${args.join(' ')}`, async (t) => {
    t.deepEqual(await run(t, args), { code: 125, stdout: '', stderr: `killtarget-guard: ${subject}: ${reason}\n` })
  })
}

/** Makes one command of each kind that cannot be executed. Returns the folder. */
function inexecutable(t: ExecutionContext): string {
  const folder = temporary(t)
  writeFileSync(join(folder, 'plain'), '#!/bin/sh\necho ran\n', { mode: 0o644 })
  writeFileSync(join(folder, 'no-interpreter'), '#!/no/such/interpreter\n', { mode: 0o755 })
  mkdirSync(join(folder, 'directory'))
  symlinkSync('loop', join(folder, 'loop'))
  return folder
}

for (const [command, code] of [
  ['killtarget-no-such-command', 127],
  ['./missing', 127],
  ['', 127],
  ['./no-interpreter', 127],
  ['./plain', 126],
  ['./directory', 126],
  ['./plain/below', 126],
  ['./loop', 126],
  ['plain', 126],
  ['x'.repeat(300), 126],
] as const) {
  const name = command.length < 100 ? command : 'a name of 300 letters'
  testUnless(
    noGuard,
    `a guard exits with ${code} and a message if its command cannot be executed: "${name}"`,
    async (t) => {
      const cwd = inexecutable(t)
      const env = { ...process.env, PATH: `${cwd}:${process.env['PATH']}` }
      const { stderr, ...rest } = await run(t, ['--', command], { cwd, env })
      t.deepEqual(rest, { code, stdout: '' })
      t.regex(stderr, /^killtarget-guard: .*: .+\n$/)
      t.true(stderr.startsWith(`killtarget-guard: ${command}: `), stderr)
    },
  )
}

testUnless(noGuard, 'a guard without standard streams exits with 127 if its command is missing', async (t) => {
  const child = start(t, 'sh', ['-c', '"$1" -- ./missing <&- 2>&- 3>&1 >&-; echo $?', 'sh', GUARD])
  t.is(await line(child), '127')
})

testUnless(noGuard, 'a guard reports a command that it cannot find before its parent sees the exit', async (t) => {
  // A shell waits for the exit only, not for the end of standard error.
  const child = start(t, 'sh', [
    '-c',
    '"$1" -- ./missing 2>"$2"; wc -l <"$2"',
    'sh',
    GUARD,
    join(temporary(t), 'stderr'),
  ])
  t.is(Number(await line(child)), 1)
})

/** A script without an interpreter, which prints its name and some of its arguments, and how many it has. */
function script(t: ExecutionContext): string {
  const folder = temporary(t)
  writeFileSync(join(folder, 'kt-script'), 'printf "<%s>" "$0" "$1" "$2" "$3" "$#"; echo; exit 7\n', { mode: 0o755 })
  return folder
}

const MANY = Array.from({ length: 3000 }, (_, index) => String(index))

/** `name`: what glibc's execvp passes to the shell, which is the path that it has found. */
const SCRIPTS = [
  { how: 'by its path', command: '$FOLDER/kt-script', name: '$FOLDER/kt-script', args: ['a', '', 'b c'] },
  { how: 'by its relative path', command: './kt-script', name: './kt-script', args: [] },
  { how: 'with 3,000 arguments', command: './kt-script', name: './kt-script', args: MANY },
  { how: 'with a name of its own', command: './kt-script', name: './kt-script', args: ['a'], options: ['--argv0=x'] },
  { how: 'by its name in PATH', command: 'kt-script', name: '$FOLDER/kt-script', args: ['a'] },
]

for (const { how, command, name, args, options = [] } of SCRIPTS) {
  testUnless(noGuard, `a guard starts a script without an interpreter as execvp does: ${how}`, async (t) => {
    const cwd = script(t)
    const [file, found] = [command, name].map((path) => path.replace('$FOLDER', cwd)) as [string, string]
    // The working directory is not in PATH.
    const env = { ...process.env, PATH: `/no/such/folder:${cwd}:${process.env['PATH']}` }
    t.deepEqual(await run(t, [...options, '--', file, ...args], { cwd: how.includes('PATH') ? tmpdir() : cwd, env }), {
      code: 7,
      stdout: `<${found}><${args[0] ?? ''}><${args[1] ?? ''}><${args[2] ?? ''}><${args.length}>\n`,
      stderr: '',
    })
  })
}

testUnless(noGuard, 'a guard searches PATH as execvp does', async (t) => {
  const [refused, good] = [inexecutable(t), temporary(t)]
  copyFileSync(join(refused, 'plain'), join(good, 'plain'))
  chmodSync(join(good, 'plain'), 0o755)
  const path = (folders: string[]) => ({ ...process.env, PATH: folders.join(':') })
  const ran = { code: 0, stdout: 'ran\n', stderr: '' }
  // A file that is no folder, one without permission, and one that is executable.
  t.deepEqual(await run(t, ['--', 'plain'], { env: path([join(refused, 'plain'), refused, good]) }), ran)
  // An empty entry is the working directory.
  t.deepEqual(await run(t, ['--', 'plain'], { env: path(['', '/bin']), cwd: good }), ran)
})
