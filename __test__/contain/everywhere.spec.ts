// Contained launch, for every system that has a guard. The commands run Node, as not every system has a shell.
import { execSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext, type Implementation } from 'ava'
import { contained, type ContainedSpawnOptions, descendants, KillTarget, spawn, terminate } from 'killtarget'
import { CLI } from '../helpers/cli.ts'
import { noGuard } from '../helpers/guard.ts'
import { isAlive } from '../helpers/is-alive.ts'
import { ended, json, line, program, start, testEnv, until, within } from '../helpers/processes.ts'
import { serialUnless } from '../helpers/test-unless.ts'

const isWindows = process.platform === 'win32'

/** How this system contains: what `target.contained` is. */
const HERE = { linux: 'reaper', darwin: 'session', win32: 'kernel' }[process.platform as 'linux']

/** What proves that nothing is left. On macOS the command leads no session here. */
const PROOF = HERE === 'session' ? 'descendants' : HERE

const everywhere = (title: string, implementation: Implementation<[]>) => serialUnless(noGuard, title, implementation)

const onWindows = (title: string, implementation: Implementation<[]>) => {
  if (isWindows) test.serial(title, implementation)
}

const IDLE = 'setTimeout(() => {}, 300_000)'

/** Starts a process that leaves its parent as far as the system lets it, and prints both pids. */
const DAEMON = `
  const { spawn } = require('node:child_process')
  const daemon = spawn(process.execPath, ['--eval', '${IDLE}'], { detached: true, stdio: 'ignore' })
  daemon.unref()
  console.log(JSON.stringify([process.pid, daemon.pid]))
`

type Options = ContainedSpawnOptions

/** Starts a command that has started a daemon, and then does what the source says. */
async function withDaemon(t: ExecutionContext, rest = IDLE, options: Options = {}) {
  const child = spawn(process.execPath, ['--eval', DAEMON + rest], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: testEnv(t),
    ...options,
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [first] = (await within(once(child.stdout!, 'data'), 'its pids')) as [Buffer]
  const [command, daemon] = JSON.parse(first.toString()) as [number, number]
  return { child, command, daemon }
}

for (const code of [0, 7, 255]) {
  everywhere(`a contained command passes on its exit code: ${code}`, async (t) => {
    const child = spawn(process.execPath, ['--eval', `process.exit(${code})`], { stdio: 'ignore' })
    t.deepEqual(await ended(child), { code, signal: null })
  })
}

onWindows('a contained command passes on an exit code of 32 bits', async (t) => {
  const child = spawn(process.execPath, ['--eval', 'process.exit(0xc0000005)'], { stdio: 'ignore' })
  t.is((await ended(child)).code, 0xc0000005)
})

everywhere('SIGKILL to a guard ends the command and its daemon', async (t) => {
  const { child, command, daemon } = await withDaemon(t)
  t.true(isAlive(command) && isAlive(daemon))
  child.kill('SIGKILL')
  await ended(child)
  await until(() => !isAlive(command) && !isAlive(daemon), 'the daemon to exit')
})

onWindows('a guard knows its host by the exact time of its start', async (t) => {
  const source = `
    import { spawn } from 'killtarget'
    spawn(process.execPath, ['--eval', 'console.log("started")'], { stdio: ['ignore', 'inherit', 'inherit'] })
  `
  for (let hosts = 0; hosts < 12; hosts++) t.is(await line(program(t, source)), 'started')
})

everywhere('the exit of the host ends the command and its daemon', async (t) => {
  const source = `
    import { spawn } from 'killtarget'
    spawn(process.execPath, ['--eval', ${JSON.stringify(DAEMON + IDLE)}], { stdio: ['ignore', 'inherit', 'inherit'] })
  `
  const host = program(t, source)
  const pids = await json<number[]>(host)
  t.true(pids.every(isAlive))
  host.kill('SIGKILL')
  await ended(host)
  await until(() => !pids.some(isAlive), 'the daemon to exit')
})

everywhere('terminate of a contained command ends its daemon, with the proof of its isolation', async (t) => {
  const { child, command, daemon } = await withDaemon(t)
  t.is(child.target!.contained as string, HERE)
  t.is(KillTarget.fromPid(child.pid!).contained as string, HERE)
  t.is(child.commandPid, command)
  const found = descendants(child).map(({ pid }) => pid)
  t.is(found[0], command)
  t.true(found.includes(daemon))
  const { outcome, proof, survivors } = await terminate(child, { grace: 200 })
  t.deepEqual([proof as string, survivors], [PROOF, []])
  t.not(outcome, 'survived')
  t.false(isAlive(command) || isAlive(daemon))
})

everywhere('terminate of a command that was started right before leaves nothing', async (t) => {
  const child = spawn(process.execPath, ['--eval', IDLE], { stdio: 'ignore' })
  const { proof, survivors } = await terminate(child, { grace: 200 })
  t.deepEqual([proof as string, survivors], [PROOF, []])
})

everywhere('what a command has left is ended before its exit is told', async (t) => {
  const { child, daemon } = await withDaemon(t, 'process.exitCode = 9')
  t.deepEqual(await ended(child), { code: 9, signal: null })
  t.false(isAlive(daemon))
})

everywhere('what a command has left runs on with leftovers: leave', async (t) => {
  const { child, daemon } = await withDaemon(t, 'process.exitCode = 9', { leftovers: 'leave' })
  const target = KillTarget.fromPid(daemon)
  t.teardown(() => target.signal('SIGKILL'))
  t.deepEqual(await ended(child), { code: 9, signal: null })
  t.true(target.isAlive())
})

everywhere('a command is ended once its input has ended, with untilStdinEnds', async (t) => {
  const { child, daemon } = await withDaemon(t, IDLE, { untilStdinEnds: true, grace: 100 })
  child.stdin!.end()
  await ended(child)
  t.false(isAlive(daemon))
})

everywhere('arguments arrive as they are', async (t) => {
  const args = [
    '',
    ' ',
    'a b',
    '"',
    'a"b',
    String.raw`\ `,
    String.raw`c:\x\ `,
    String.raw`\\"`,
    '%PATH%',
    '^&|<>',
    'ü€𝄞',
  ]
  const source = 'console.log(JSON.stringify(process.argv.slice(1)))'
  const child = spawn(process.execPath, ['--eval', source, '--', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.deepEqual(JSON.parse(await within(text(child.stdout!), 'its output')), args)
})

everywhere('a contained command has an IPC channel', async (t) => {
  const source = "process.once('message', (value) => { process.send(value + 1); process.disconnect() })"
  const child = spawn(process.execPath, ['--eval', source], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.send(41)
  t.deepEqual(await within(once(child, 'message'), 'a message'), [42, undefined])
  t.deepEqual(await ended(child), { code: 0, signal: null })
})

everywhere('a shell runs the command with the option shell', async (t) => {
  t.is((await ended(spawn('exit 5', { shell: true, stdio: 'ignore' }))).code, 5)
  const child = spawn('echo', ['"a  b"', '&&', 'exit', '6'], { shell: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, { code }] = await Promise.all([within(text(child.stdout!), 'its output'), ended(child)])
  // cmd.exe passes the quotes on.
  t.is(output.trim(), isWindows ? '"a  b"' : 'a  b')
  t.is(code, 6)
})

everywhere('a program that is not found emits ENOENT, and nothing is started', async (t) => {
  const child = spawn('no-such-program', ['a'])
  const [error] = (await within(once(child, 'error'), 'the error')) as [NodeJS.ErrnoException & { spawnargs: string[] }]
  t.like(error, { code: 'ENOENT', path: 'no-such-program', syscall: 'spawn no-such-program', spawnargs: ['a'] })
  t.is(child.target, null)
})

onWindows('a batch file is refused as Node refuses it', (t) => {
  t.throws(() => spawn('npm.cmd'), { code: 'EINVAL', message: 'spawn EINVAL' })
})

everywhere('a line for the shell runs the command', (t) => {
  const args = ['--eval', 'process.exit(process.argv[1] === "a  b&c" ? 3 : 4)', 'a  b&c']
  const command = `${contained(process.execPath, args)}`
  t.is((t.throws(() => execSync(command, { stdio: 'ignore' })) as unknown as { status: number }).status, 3)
})

everywhere('killtarget run exits with the code of its command, and ends what that has left', async (t) => {
  const command = [process.execPath, '--eval', `${DAEMON} process.exitCode = 8`]
  const child = start(t, process.execPath, [CLI, 'run', '--', ...command])
  const [, daemon] = await json<number[]>(child)
  t.deepEqual(await ended(child), { code: 8, signal: null })
  t.false(isAlive(daemon!))
})

everywhere('SIGKILL to killtarget run ends the command and its daemon', async (t) => {
  const child = start(t, process.execPath, [CLI, 'run', '--', process.execPath, '--eval', DAEMON + IDLE])
  const pids = await json<number[]>(child)
  t.true(pids.every(isAlive))
  child.kill('SIGKILL')
  await until(() => !pids.some(isAlive), 'the daemon to exit')
})

everywhere('killtarget guard prints the path of the program', async (t) => {
  t.regex(await line(start(t, process.execPath, [CLI, 'guard'])), /killtarget-guard(?:\.exe)?$/)
})

everywhere('an isolation of another system is refused, and nothing is started', (t) => {
  const others = { linux: ['job', 'session'], darwin: ['reaper', 'job'], win32: ['reaper', 'session'] }
  for (const isolation of others[process.platform as 'linux']) {
    const options = { isolation: isolation as 'job' }
    for (const refused of [() => spawn('no-such-program', options), () => contained('no-such-program', options)]) {
      t.throws(refused, { code: 'ENOSYS', message: new RegExp(`cannot be '${isolation}' on ${process.platform}`) })
    }
  }
})

onWindows('leftovers: keep is refused, and nothing is started', (t) => {
  t.throws(() => spawn('no-such-program', { leftovers: 'keep' }), { code: 'ENOSYS' })
})
