import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { capabilities, KillTarget, listeners, type ProcessInfo, type Termination } from 'killtarget'
import { CLI } from '../helpers/cli.ts'
import { killtarget, runs } from '../helpers/run-cli.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { noGuard } from '../helpers/guard.ts'
import { ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import {
  ended,
  hasExited,
  line,
  NO_PID,
  noteStart,
  number,
  read,
  shell,
  sleeper,
  start,
  until,
} from '../helpers/processes.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

const terminal = fileURLToPath(new URL('../fixtures/cli-terminal.py', import.meta.url))
const noPidfd = capabilities().pidfd ? undefined : 'this kernel has no pidfds'
const noFullDevice = existsSync('/dev/full') ? undefined : 'this system has no /dev/full'
const noTerminal = spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no Python'

/** Nothing listens on it. */
const FREE_PORT = ':1'

// oxlint-disable-next-line no-control-regex -- that is what it looks for
const COLOUR = /\u001B\[\d+m/

/** A shell that ends at a line that comes after SIGTERM, when the others have exited. */
const CLEANS_UP = `trap 'sleep 0.5; echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.02; done`

/** Returns whether a process has opened another one. */
function holds(pid: number, other: number): boolean {
  const infos = readdirSync(`/proc/${pid}/fdinfo`).map((descriptor) => read(pid, `fdinfo/${descriptor}`))
  return infos.some((info) => info.includes(`\nPid:\t${other}\n`))
}

test('killtarget terminates a process with all that it has started', async (t) => {
  const child = shell(t, 'sleep 600 & echo $!; wait')
  const below = await number(child)
  noteStart(below)
  const { stdout, stderr, code } = await killtarget(t, child.pid)
  t.regex(stdout, new RegExp(`^${child.pid} sh: exited, 2 ended in \\d+ ms\n$`))
  t.deepEqual([stderr, code], ['', 0])
  t.is((await ended(child)).signal, 'SIGTERM')
  t.true(hasExited(below))
})

test('killtarget sends SIGKILL after the grace period, and says so', async (t) => {
  const child = await ignoresSigterm(t)
  const { stdout, code } = await killtarget(t, '--grace', '50ms', child.pid)
  t.regex(stdout, new RegExp(`^${child.pid} sh: killed, [12] ended in \\d+ ms\n$`))
  t.is(code, 0)
  t.is((await ended(child)).signal, 'SIGKILL')
})

test('killtarget names a process that lives on', async (t) => {
  const child = await ignoresSigterm(t)
  const { stdout, code } = await killtarget(t, '-g', 'never', '-t', '50ms', '--scope=process', child.pid)
  t.regex(
    stdout,
    new RegExp(`^${child.pid} sh: lives on, 0 ended in \\d+ ms\n  lives on: ${child.pid} sh \\(timeout\\)\n$`),
  )
  t.is(code, 1)
})

test('killtarget sends the signal that it is given', async (t) => {
  for (const signal of ['INT', 'SIGINT', 'int', '2']) {
    const child = sleeper(t)
    t.is((await killtarget(t, '-s', signal, child.pid)).code, 0)
    t.is((await ended(child)).signal, 'SIGINT')
  }
  const child = await ignoresSigterm(t)
  t.is((await killtarget(t, '-s', 'KILL', child.pid)).code, 0)
  t.is((await ended(child)).signal, 'SIGKILL')
})

test('killtarget takes tokens, and does not take a later process for the one of a token', async (t) => {
  const [one, other] = [sleeper(t), sleeper(t)]
  const target = KillTarget.fromChild(one)!
  const token = target.token()!
  target.close()
  t.is((await killtarget(t, token)).code, 0)
  await ended(one)
  const { code, stdout } = await killtarget(t, token, other.pid)
  t.is(code, 0, 'one of them is over')
  t.regex(stdout, new RegExp(`${one.pid}: was gone`))
  t.is((await killtarget(t, token)).code, 4)
})

test('killtarget terminates what listens on a port', async (t) => {
  const source = `require('net').createServer().listen(0, function () { console.log(this.address().port) })`
  const child = start(t, process.execPath, ['-e', source])
  const port = await number(child)
  const { stdout, code } = await killtarget(t, `:${port}`)
  t.regex(stdout, new RegExp(`^${child.pid} node: exited, 1 ended`))
  t.is(code, 0)
  t.deepEqual(await killtarget(t, `:${port}`), { stdout: `:${port}: nothing listens\n`, stderr: '', code: 4 })
})

test('killtarget refuses its own ancestors, and a port that one of them listens on', async (t) => {
  const server = createServer().listen(0)
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const target of [process.pid, 1, `:${port}`]) {
    const { stdout, stderr, code } = await killtarget(t, '-g', '0', target)
    t.regex(
      stderr,
      /^killtarget: \S+( [^:]+)?: Cannot signal the scope of process (\d+): it contains (?:process|pid) \2, (?:an ancestor of the calling|the init) process\.\n$/,
    )
    t.deepEqual([stdout, code], ['', 3])
  }
})

testUnless(notRoot, 'killtarget says that a process may not be signalled', async (t) => {
  const child = sleeper(t)
  const { stderr, code } = await runs(t, [process.execPath, CLI, String(child.pid)], { uid: NOBODY })
  t.regex(stderr, /EPERM/)
  t.is(code, 3)
  t.false(hasExited(child.pid))
})

testUnless(notRoot, 'killtarget --json names no pid if a process of another user listens on a port', async (t) => {
  const source = `const server = require('net').createServer().listen(0, () => console.log(server.address().port))`
  const port = await number(start(t, process.execPath, ['-e', source]))
  const { stdout, code } = await runs(t, [process.execPath, CLI, '--json', `:${port}`], { uid: NOBODY })
  t.like(JSON.parse(stdout), { target: `:${port}`, pid: null, name: null, error: { code: 'EPERM' } })
  t.regex(stdout, /It is a process of another user, or one that hides its descriptors: ask as root\./)
  t.is(code, 3)
})

test('killtarget refuses a wrong command line with 2, and signals nothing', async (t) => {
  const child = sleeper(t)
  for (const [args, message] of [
    [[], /Expected a pid, a token, a port such as :3000, or a command\./],
    [['-g'], /Expected --grace to be a time such as 5s, 500ms or 0, got \d/],
    [['--json=x'], /The option --json has no value\./],
    [['-q5'], /No such option: -5\./],
    [['-9'], /No such option: -9\. For a signal: --signal 9/],
    [['-TERM'], /For a signal: --signal TERM/],
    [['--graec', '1s'], /No such option: --graec\. Did you mean --grace\?/],
    [['--grace='], /Expected --grace to be a time such as 5s, 500ms or 0, got/],
    [['-g', '5'], /Expected --grace to be a time such as 5s/],
    [['-g', '-1s'], /Expected --grace to be a time such as 5s, 500ms or 0, got -1s/],
    [['--scope', 'session'], /Expected --scope to be process, group or tree, got session/],
    [['-s', 'NOPE'], /Expected --signal to be a signal such as TERM or 15, got NOPE/],
    [['-n', '-s', 'NOPE'], /Expected --signal to be a signal/],
    [['-s', '0'], /Expected --signal to be a signal such as TERM or 15, got 0/],
    [['-s', 'KILL', '-g', 'never'], /With --grace never SIGKILL is never sent/],
    [[0], /positive 32-bit integer/],
    [[NO_PID + 1], /positive 32-bit integer/],
    [['vite'], /No such command: vite\. A process is named by its pid, a token or a port\./],
    [['007'], /Expected a pid, a token or a port such as :3000, got 007/],
    [['4711x'], /Expected a pid, a token or a port such as :3000, got 4711x/],
    [[':0'], /integer from 1 to 65535/],
    [['kt1.nonsense'], /a token, whole/],
  ] as const) {
    const all = args.length === 0 ? [] : [...args, child.pid]
    const { stderr, code } = await killtarget(t, ...all)
    t.regex(stderr, message, args.join(' '))
    t.is(code, 2, args.join(' '))
  }
  t.is(child.signalCode, null)
})

test('killtarget --json prints a line for each process', async (t) => {
  const [one, other] = [sleeper(t), sleeper(t)]
  const { stdout, code } = await killtarget(t, '--json', one.pid, other.pid, NO_PID, FREE_PORT)
  const reports = stdout
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as Termination & { target: string; pid: number | null; name: string | null })
  t.is(code, 0)
  t.deepEqual(
    reports.map(({ target, pid, name, outcome }) => `${target} ${pid} ${name} ${outcome}`).toSorted(),
    [
      ...[one.pid, other.pid].map((pid) => `${pid} ${pid} sleep exited`),
      `${NO_PID} ${NO_PID} null gone`,
      `${FREE_PORT} null null gone`,
    ].toSorted(),
  )
  const refused = await killtarget(t, '--json', 1)
  t.like(JSON.parse(refused.stdout), { target: '1', pid: 1, error: { code: 'ERR_PROTECTED_TARGET' } })
  t.is(refused.code, 3)
})

test('killtarget --quiet prints nothing', async (t) => {
  t.deepEqual(await killtarget(t, '-q', sleeper(t).pid), { stdout: '', stderr: '', code: 0 })
  t.deepEqual(await killtarget(t, '-q', NO_PID), { stdout: '', stderr: '', code: 4 })
})

test('killtarget --dry-run shows the tree, and leaves it alone', async (t) => {
  const child = shell(t, 'sleep 600 & echo $!; wait')
  const below = await number(child)
  await until(() => read(below, 'comm') === 'sleep\n')
  const { stdout, code } = await killtarget(t, '--dry-run', child.pid)
  t.is(stdout, `${child.pid} sh -c sleep 600 & echo $!; wait\n└─ ${below} sleep 600\n`)
  t.is(code, 0)
  t.is((await killtarget(t, '-n', '--scope=process', child.pid)).stdout, `${stdout.split('\n')[0]}\n`)
  t.is((await killtarget(t, '-n', NO_PID)).code, 4)
  t.deepEqual(await killtarget(t, '-n', process.pid), await killtarget(t, process.pid))
  t.is(child.exitCode, null)
  t.is(child.signalCode, null)
})

test('killtarget --dry-run shows what is terminated, and nothing else', async (t) => {
  // With job control the first process leads the group of its pipeline.
  const shells = start(t, 'bash', ['-c', 'set -m; sleep 600 | sleep 600 & echo $!; jobs -p; read _'])
  const [second, first] = [await number(shells), await number(shells)]
  await until(() => [first, second].every((pid) => read(pid, 'comm') === 'sleep\n'))
  for (const scope of ['tree', 'group']) {
    const { stdout } = await killtarget(t, '-n', '--scope', scope, first)
    t.is(stdout, `${first} sleep 600\n${second} sleep 600\n`)
  }
  t.is((await killtarget(t, '-n', '--scope=process', first)).stdout, `${first} sleep 600\n`)
  t.regex((await killtarget(t, first)).stdout, /2 ended/)
  t.true(hasExited(second))
})

test('killtarget --dry-run refuses a pipeline that it is in, as the termination does', async (t) => {
  const inner = `leader=$(cut -d " " -f 5 /proc/$$/stat); for option in -n -q; do "$@" $option $leader; echo $?; done`
  // The first one of the pipeline ends with the last one.
  const script = `set -m; yes | sh -c '${inner}' sh "$@" 2>&1 & wait`
  const { stdout } = await runs(t, ['bash', '-c', script, 'bash', process.execPath, CLI])
  const lines = stdout.trim().split('\n')
  t.is(lines.length, 4, stdout)
  t.deepEqual(lines.slice(0, 2), lines.slice(2))
  t.regex(lines[0]!, /it contains the calling process/)
  t.is(lines[1], '3')
})

test('killtarget draws a process once that another one of the port has started', async (t) => {
  const source = `
    const server = require('net').createServer().listen(0, () => {
      const child = require('child_process').spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', server._handle] })
      console.log(server.address().port)
      console.log(child.pid)
    })
  `
  const parent = start(t, process.execPath, ['-e', source])
  const [port, child] = [await number(parent), await number(parent)]
  await until(() => listeners(port).length === 2)
  for (const command of [['tree'], ['-n']]) {
    const { stdout } = await killtarget(t, ...command, `:${port}`)
    t.is(stdout.split(`${child} sleep 600`).length, 2, stdout)
    t.is(stdout.split('\n').length, 3, stdout)
  }
})

test('killtarget tree draws a tree, or prints it as JSON', async (t) => {
  const child = shell(t, 'sleep 600 & echo $!; wait')
  const below = await number(child)
  await until(() => read(below, 'comm') === 'sleep\n')
  const { stdout, code } = await killtarget(t, 'tree', child.pid)
  t.deepEqual([stdout, code], [`${child.pid} sh -c sleep 600 & echo $!; wait\n└─ ${below} sleep 600\n`, 0])
  const { processes } = JSON.parse((await killtarget(t, 'tree', '--json', child.pid)).stdout) as {
    processes: ProcessInfo[]
  }
  t.deepEqual(
    processes.map(({ pid, command }) => [pid, command]),
    [
      [child.pid, child.spawnargs],
      [below, ['sleep', '600']],
    ],
  )
  t.is((await killtarget(t, 'tree', NO_PID)).code, 4)
  t.is((await killtarget(t, 'tree')).code, 2)
})

testUnless(noPidfd, 'killtarget wait waits for a process that is no child, and says how it has exited', async (t) => {
  for (const [script, expected] of [
    ['read line; exit 7', 'exited with 7'],
    ['read line; kill -KILL $$', 'ended by SIGKILL'],
  ] as const) {
    const child = shell(t, script)
    const waiting = start(t, process.execPath, [CLI, 'wait', String(child.pid)])
    await until(() => holds(waiting.pid, child.pid))
    child.stdin.write('\n')
    t.regex(await line(waiting), new RegExp(`^${child.pid} sh: (?:${expected}|exited)$`))
    t.is((await ended(waiting)).code, 0)
  }
})

test('killtarget wait gives up after its time, and knows what was gone', async (t) => {
  const child = sleeper(t)
  t.deepEqual(await killtarget(t, 'wait', '-t', '20ms', child.pid), {
    stdout: `${child.pid} sleep: lives on\n`,
    stderr: '',
    code: 1,
  })
  t.deepEqual(await killtarget(t, 'wait', NO_PID), { stdout: `${NO_PID}: was gone\n`, stderr: '', code: 4 })
  const { stdout } = await killtarget(t, 'wait', '--json', '-t', '0', child.pid)
  t.like(JSON.parse(stdout), { target: `${child.pid}`, pid: child.pid, name: 'sleep', outcome: 'alive', status: null })
  const drawn = await killtarget(t, 'tree', FREE_PORT)
  t.deepEqual(drawn, { stdout: '', stderr: `killtarget tree: ${FREE_PORT}: nothing listens\n`, code: 4 })
  const port = await killtarget(t, 'wait', FREE_PORT)
  t.deepEqual(port, { stdout: `${FREE_PORT}: nothing listens\n`, stderr: '', code: 4 })
})

testUnless(noPidfd, 'killtarget wait --count waits for so many', async (t) => {
  const [first, second] = [sleeper(t), sleeper(t)]
  const waiting = start(t, process.execPath, [CLI, 'wait', '--count=1', String(first.pid), String(second.pid)])
  await until(() => holds(waiting.pid, second.pid))
  second.kill('SIGKILL')
  t.deepEqual(await ended(waiting), { code: 0, signal: null })
  t.is(first.exitCode, null)
  t.is((await killtarget(t, 'wait', '-c', '2', first.pid)).code, 2)
  // Its exit code tells of those that were waited for, and not of the one that lives on.
  t.is((await killtarget(t, 'wait', '-c', '1', NO_PID, first.pid)).code, 4)
})

testUnless(noPidfd, 'killtarget wait --count --json has a line for those that live on', async (t) => {
  const [first, second] = [sleeper(t), sleeper(t)]
  const pids = [first.pid, second.pid]
  const waiting = start(t, process.execPath, [CLI, 'wait', '--json', '--count=1', ...pids.map(String)])
  await until(() => pids.every((pid) => holds(waiting.pid, pid)))
  second.kill('SIGKILL')
  const told = [await line(waiting), await line(waiting)].map(
    (each) => JSON.parse(each) as { pid: number; outcome: string },
  )
  t.deepEqual(
    new Map(told.map(({ pid, outcome }) => [pid, outcome])),
    new Map([
      [second.pid, 'exited'],
      [first.pid, 'alive'],
    ]),
  )
  t.deepEqual(await ended(waiting), { code: 0, signal: null })
})

test('killtarget wait --count counts each process that listens on a port', async (t) => {
  const source = `
    const server = require('net').createServer().listen(0, () => {
      require('child_process').spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', server._handle.fd] })
      console.log(server.address().port)
    })`
  const port = await number(start(t, process.execPath, ['-e', source]))
  t.is((await killtarget(t, 'wait', '-t', '0', '-c', '2', `:${port}`)).code, 1)
  t.is((await killtarget(t, 'wait', '-t', '0', '-c', '3', `:${port}`)).code, 2)
})

testUnless(noFullDevice, 'killtarget says that its output is lost, and does its work', async (t) => {
  const child = sleeper(t)
  const script = '"$@" > /dev/full'
  const { stderr, code } = await runs(t, ['sh', '-c', script, 'sh', process.execPath, CLI, String(child.pid)])
  t.regex(stderr, /^killtarget: The output is lost: .*ENOSPC.*\n$/)
  t.is(code, 0)
  t.true(hasExited(child.pid))
  for (const args of [['--help'], ['completion', 'bash']]) {
    const { stderr: told } = await runs(t, ['sh', '-c', script, 'sh', process.execPath, CLI, ...args])
    t.regex(told, /^killtarget: The output is lost/, args.join(' '))
  }
})

// timeout(1) passes on the signal that its command has got from the terminal already.
for (const launcher of [[], ['timeout', '300']]) {
  const title = `on a terminal, the second Ctrl-C skips the grace period: ${[...launcher, 'killtarget'].join(' ')}`
  testUnless(noTerminal, title, async (t) => {
    const child = await ignoresSigterm(t)
    const command = [...launcher, process.execPath, CLI, '--grace=300s', String(child.pid)]
    const { stdout } = await runs(t, ['python3', terminal, 'twice', 'SIGKILL in \\d+ s', ...command])
    const { output, code } = JSON.parse(stdout) as { output: string; code: number }
    t.is(code, 0)
    t.is((await ended(child)).signal, 'SIGKILL')
    t.regex(output, /SIGKILL in \d+ s/)
    t.true(output.includes('\u001B[33mkilled\u001B[39m'), output)
  })
}

for (const option of ['-q', '--json']) {
  testUnless(noTerminal, `on a terminal, the second Ctrl-C skips the grace period: killtarget ${option}`, async (t) => {
    // A job in the background ignores Ctrl-C.
    const asked = `sh -c 'trap "echo asked" TERM; while :; do sleep 0.05; done' & trap : INT; "$@" $!; echo over`
    const command = ['sh', '-c', asked, 'sh', process.execPath, CLI, '--grace=300s', option]
    const { stdout } = await runs(t, ['python3', terminal, 'twice', 'asked', ...command])
    const { output } = JSON.parse(stdout) as { output: string }
    t.regex(output, /Ctrl-C again: SIGKILL now/)
    t.is(/"outcome":"killed"/.test(output), option === '--json', output)
  })
}

testUnless(
  noTerminal,
  'on a terminal, the line of several targets has the hint, and counts each process once',
  async (t) => {
    const pids: number[] = []
    for (let at = 0; at < 3; at++) pids.push((await ignoresSigterm(t)).pid)
    const [one, two, three] = pids as [number, number, number]
    for (const [named, shown] of [
      [[one, one], `${one} sh: 1 left`],
      [[two, three], '2 targets: 2 left'],
    ] as const) {
      const command = [process.execPath, CLI, '--grace=300s', ...named.map(String)]
      const { stdout } = await runs(t, ['python3', terminal, 'twice', 'SIGKILL in \\d+ s', ...command])
      const { output } = JSON.parse(stdout) as { output: string }
      t.true(output.includes(`Ctrl-C again: SIGKILL now. ${shown}, SIGKILL in `), output)
    }
  },
)

testUnless(noTerminal, 'on a dumb terminal, Ctrl-C does the same, and no line is written over', async (t) => {
  const asked = `sh -c 'trap "echo asked" TERM; while :; do sleep 0.05; done' & trap : INT; "$@" $!; echo over`
  const command = ['env', 'TERM=dumb', 'sh', '-c', asked, 'sh', process.execPath, CLI, '--grace=300s']
  const { stdout } = await runs(t, ['python3', terminal, 'twice', 'asked', ...command])
  const { output } = JSON.parse(stdout) as { output: string }
  t.regex(output, /Ctrl-C again: SIGKILL now\n/)
  t.regex(output, /: killed, /)
  t.false(output.includes('\u001B'), output)
})

testUnless(noTerminal, 'on a terminal, Ctrl-C ends killtarget if SIGKILL is never sent', async (t) => {
  const child = await ignoresSigterm(t)
  const command = [process.execPath, CLI, '--grace=never', '--timeout=300s', String(child.pid)]
  const { stdout } = await runs(t, ['python3', terminal, 'once', '1 left', ...command])
  const { output, code } = JSON.parse(stdout) as { output: string; code: number }
  t.is(code, -2)
  t.notRegex(output, /SIGKILL/)
  t.false(hasExited(child.pid))
})

testUnless(noTerminal, 'NO_COLOR turns colours off, and a pipe has none', async (t) => {
  const inTerminal = (env: string[]) => [
    'env',
    ...env,
    'python3',
    '-c',
    'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)',
    process.execPath,
    CLI,
    String(NO_PID),
  ]
  t.regex((await runs(t, inTerminal(['NO_COLOR=', 'TERM=xterm']))).stdout, COLOUR)
  for (const env of [
    ['NO_COLOR=1', 'TERM=xterm'],
    ['NO_COLOR=', 'TERM=dumb'],
  ]) {
    t.notRegex((await runs(t, inTerminal(env))).stdout, COLOUR, env.join(' '))
  }
  t.notRegex((await killtarget(t, NO_PID)).stdout, COLOUR)
})

test('killtarget run -t ends a command and all that it has started after its time', async (t) => {
  const script = 'setsid sleep 600 & echo $!; trap "exit 9" TERM; while :; do sleep 0.02; done'
  const child = start(t, process.execPath, [CLI, 'run', '-t', '1s', '--', 'sh', '-c', script])
  const daemon = await number(child)
  noteStart(daemon)
  t.deepEqual(await ended(child), { code: 9, signal: null })
  await until(() => hasExited(daemon))
  t.deepEqual(await runs(t, [process.execPath, CLI, 'run', '--timeout=60s', '--', 'sh', '-c', 'exit 3']), {
    stdout: '',
    stderr: '',
    code: 3,
  })
})

test('killtarget run rounds times up, and refuses those that it cannot keep or that have no unit', async (t) => {
  for (const time of ['5x', '10', '2000h', '-1s', '']) {
    const { stderr, code } = await killtarget(t, 'run', '-t', time, '--', 'true')
    t.is(code, 125)
    t.regex(stderr, /^killtarget run: Expected --timeout to be (?:a time such as|at most)/, time)
  }
  const command = ['--', 'sh', '-c', 'exit 7']
  t.is((await killtarget(t, 'run', '--grace=0.3ms', '-t', '60000.5ms', ...command)).code, 7)
  t.is((await killtarget(t, 'run', '--grace=100', '-t', '1193h', ...command)).code, 7)
})

test('a reader that goes away changes neither what is terminated nor the exit code', async (t) => {
  const [cleaning, first, second] = [shell(t, CLEANS_UP), sleeper(t), sleeper(t)]
  await line(cleaning)
  const pids = [first, second, cleaning].map(({ pid }) => String(pid))
  const script = 'shift; { "$@"; echo "code $?" >&2; } | true'
  const { stderr } = await runs(t, ['sh', '-c', script, 'sh', '', process.execPath, CLI, '-g', '60s', ...pids])
  t.is(stderr, 'code 0\n')
  t.is(await line(cleaning), 'cleaned')
})

testUnless(noGuard, 'killtarget demo shows what is left by one signal, and what is left by killtarget', async (t) => {
  const { stdout, stderr, code } = await killtarget(t, 'demo')
  t.deepEqual([stderr, code], ['', 0])
  t.regex(stdout, /\nkilled, 2 ended in \d+ ms, 0 survivors\n/)
  t.regex(stdout, /\n\w+, 0 survivors\. The proof: reaper\n$/)
})

const noPerl = spawnSync('perl', ['-e', '1']).status === 0 ? undefined : 'there is no perl'

testUnless(noGuard ?? noPerl, 'killtarget demo needs a shell, and no setsid(1)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const demo = () => runs(t, ['env', `PATH=${folder}`, process.execPath, CLI, 'demo'])
  t.like(await demo(), { stdout: '', stderr: 'killtarget demo: needs a shell of Unix.\n', code: 3 })
  for (const name of ['sh', 'sleep', 'perl']) {
    symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(folder, name))
  }
  const { stdout, stderr, code } = await demo()
  t.deepEqual([stderr, code], ['', 0])
  t.is(stdout.match(/ sleep 60\n/g)?.length, 2, stdout)
  t.regex(stdout, /\n\w+, 0 survivors\. The proof: reaper\n$/)
})

testUnless(noGuard, 'killtarget tree draws a command below its guard', async (t) => {
  const child = start(t, process.execPath, [CLI, 'run', '--', 'sh', '-c', 'setsid sleep 600 & echo $$; read _'])
  const command = await number(child)
  for (const option of ['tree', '-n']) {
    const { stdout } = await killtarget(t, option, child.pid)
    const [root, ...others] = stdout.trimEnd().split('\n')
    t.regex(root!, new RegExp(`^${child.pid} `))
    t.true(others[0]!.startsWith(`└─ ${command} sh `), stdout)
    t.true(
      others.every((each) => each.startsWith('└─ ') || each.startsWith('   ')),
      stdout,
    )
  }
})

test('help comes with examples first, and each command has its own', async (t) => {
  const { stdout, code } = await killtarget(t, '--help')
  t.is(code, 0)
  t.true(stdout.indexOf('Examples:') < stdout.indexOf('Options:'))
  for (const command of ['tree', 'wait', 'run', 'guard', 'demo', 'completion']) {
    t.regex((await killtarget(t, command, '--help')).stdout, new RegExp(`^Usage: killtarget ${command}\\b`))
  }
  t.regex((await killtarget(t, '--version')).stdout, /^\d+\.\d+\.\d+\n$/)
})
