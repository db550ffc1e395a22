import type { SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'
import { noCompiler } from '../helpers/compile.ts'
import { facts, type Given } from '../helpers/facts.ts'
import { commandOf, GUARD, keeperOf, noGuard, witnessOf } from '../helpers/guard.ts'
import { isAlive } from '../helpers/is-alive.ts'
import { type Child, ended, line, number, start, stat, until, within } from '../helpers/processes.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

async function sameFacts(t: ExecutionContext, tried: Given): Promise<string[]> {
  const [plain, contained] = [await facts(t, [], tried), await facts(t, [GUARD, '--'], tried)]
  t.true(plain.length > 60)
  t.deepEqual(contained, plain)
  return contained
}

const both = noGuard ?? noCompiler
const numbers = (name: string, values: readonly number[]) => values.map((value) => `${name}=${value}`)

for (const [what, tried] of Object.entries<Given>({
  'by default': {},
  'with odd arguments': {
    args: ['', '-x', '--', '--session', 'a b', '\n', '\u{1f600}', '"', '$HOME', 'x'.repeat(100_000)],
  },
  'with 20,000 arguments': { args: Array.from({ length: 20_000 }, (_, index) => String(index)) },
  'with odd variables': {
    settings: ['', 'A=B=C', 'A=second', 'A=second', 'no-equals-sign', '=', '=x'].map((each) => `variable=${each}`),
  },
  'with an empty environment': { options: { env: {} } },
  'when detached': { options: { detached: true } },
  'as the leader of a group': { settings: ['group'] },
  'in another folder': { options: { cwd: '/usr' } },
  'with a umask': { settings: ['umask=027'] },
  'with a nice value': { settings: ['nice=5'] },
  'with limits': {
    settings: [
      'limit=7:100:200',
      'limit=4:0:0',
      'limit=3:1000000:2000000',
      'limit=0:50:60',
      'limit=1:1000000:1000000',
      'limit=11:0:0',
      'limit=2:90000000:100000000',
    ],
  },
  'with few descriptors': { settings: ['limit=7:16:16'] },
  'with blocked signals': { settings: numbers('block', [1, 10, 15, 17, 18, 20, 32, 33, 34, 64]) },
  'with all signals blocked': {
    settings: numbers(
      'block',
      Array.from({ length: 64 }, (_, index) => index + 1),
    ),
  },
  'with SIGCHLD ignored': { settings: ['ignore=17'] },
  'with SIGPIPE ignored': { settings: ['ignore=13'] },
  'with many signals ignored': { settings: numbers('ignore', [1, 2, 3, 13, 15, 17, 18, 20, 21, 22, 25, 34, 64]) },
  'with blocked SIGCHLD, which is ignored': { settings: ['block=17', 'ignore=17'] },
  'with more descriptors': { options: { stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'ignore', 'inherit', 'pipe'] } },
  'with descriptors of high numbers': {
    settings: ['copy=1:63', 'copy=0:64', 'copy=2:65', 'copy=1:500', 'copy=0:1000'],
  },
  'without standard input': { settings: ['close=0'] },
  'without standard error': { settings: ['close=2'] },
  'without standard input and error': { settings: ['close=0', 'close=2'] },
  'without standard streams': { settings: ['copy=1:3', 'close=0', 'close=1', 'close=2'], to: 3 },
  'without standard streams, when detached': {
    settings: ['copy=1:9', 'close=0', 'close=1', 'close=2'],
    to: 9,
    options: { detached: true },
  },
  'with files as standard streams': { options: { stdio: ['ignore', 'pipe', 'ignore'] } },
})) {
  testUnless(both, `a command inherits the same with and without a guard: ${what}`, async (t) => {
    const options = { ...tried.options }
    await sameFacts(t, { ...tried, options })
  })
}

testUnless(both ?? notRoot, 'a command inherits the same with and without a guard: as another user', async (t) => {
  // It must be able to reach the fixture.
  const seen = await sameFacts(t, { options: { uid: 65_534, gid: 65_534, cwd: '/' } })
  t.true(seen.includes('uids 65534 65534 65534 gids 65534 65534 65534'))
})

testUnless(both, 'a command with --argv0 sees that as its own name', async (t) => {
  for (const name of ['-sh', '', 'a b', '--session', 'x=y']) {
    const plain = await facts(t, [], { settings: [`name=${name}`] })
    t.deepEqual(await facts(t, [GUARD, `--argv0=${name}`, '--'], {}), plain)
  }
})

function guarded(
  t: ExecutionContext,
  command: string[],
  options: SpawnOptions = {},
  guardOptions: string[] = [],
): Child {
  return start(t, GUARD, [...guardOptions, '--', ...command], options)
}

const shellScript = (script: string) => ['sh', '-c', script]
const nodeScript = (script: string) => [process.execPath, '--input-type=module', '--eval', script]

testUnless(noGuard, 'a command is in the process group and session of its guard', async (t) => {
  const own = stat(process.pid)!
  for (const detached of [false, true]) {
    const guard = guarded(t, shellScript('echo $$; exec sleep 600'), { detached })
    const { pgid, sid } = stat(await number(guard))!
    t.deepEqual({ pgid, sid }, detached ? { pgid: guard.pid, sid: guard.pid } : { pgid: own.pgid, sid: own.sid })
  }
})

testUnless(noGuard, 'a command with --session leads a session of its own', async (t) => {
  for (const detached of [false, true]) {
    const guard = guarded(t, shellScript('echo $$; exec sleep 600'), { detached }, ['--session'])
    const command = await number(guard)
    const { pgid, sid } = stat(command)!
    t.deepEqual({ pgid, sid }, { pgid: command, sid: command })
  }
})

testUnless(noGuard, 'a guard and its other processes keep no descriptor of their caller', async (t) => {
  const guard = guarded(t, shellScript('echo; exec sleep 600'), {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  await line(guard)
  const keeper = keeperOf(guard.pid)
  const witness = await witnessOf(guard.pid)
  const inherited = new Set(descriptorsOf(commandOf(guard.pid)))
  t.true(inherited.size >= 5)
  // The guard closes its standard error once it knows that the command runs.
  const shared = () => [guard.pid, keeper, witness].flatMap(descriptorsOf).filter((file) => inherited.has(file))
  await until(() => shared().length === 0, 'the descriptors to be closed')
  t.pass()
})

/** The sockets and pipes that a process has open. A keeper opens `/dev/null` itself. */
function descriptorsOf(pid: number): string[] {
  const files = readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`))
  return files.filter((file) => /^(socket|pipe):/.test(file))
}

testUnless(noGuard, 'a pipe ends when the command closes it', async (t) => {
  for (const detached of [false, true]) {
    const guard = guarded(t, shellScript('exec 3>&- >&- 2>&-; read line; exit 7'), {
      detached,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    const outputs = [guard.stdout, guard.stderr!, guard.stdio[3] as Readable]
    t.deepEqual(await within(Promise.all(outputs.map((output) => text(output))), 'the ends'), ['', '', ''])
    t.is(guard.exitCode, null)
    guard.stdin.end('go on\n')
    t.deepEqual(await ended(guard), { code: 7, signal: null })
  }
})

testUnless(noGuard, 'a write fails with EPIPE when the command has closed its standard input', async (t) => {
  const guard = guarded(t, shellScript('exec <&-; echo; exec sleep 600'))
  await line(guard)
  const failed = once(guard.stdin, 'error') as Promise<[NodeJS.ErrnoException]>
  guard.stdin.write('text')
  const [error] = await within(failed, 'the error')
  t.is(error.code, 'EPIPE')
  t.is(guard.exitCode, null)
})

testUnless(noGuard, 'a command gets SIGPIPE when its reader has gone', async (t) => {
  const guard = guarded(t, shellScript('read line; echo text; exit 7'))
  guard.stdout.destroy()
  await once(guard.stdout, 'close')
  guard.stdin.end('go on\n')
  t.deepEqual(await ended(guard), { code: null, signal: 'SIGPIPE' })
})

testUnless(noGuard, 'a command reads the end of its standard input', async (t) => {
  const guard = guarded(t, ['cat'])
  guard.stdin.end('text')
  t.is(await within(text(guard.stdout), 'the output'), 'text')
  t.deepEqual(await ended(guard), { code: 0, signal: null })
})

testUnless(
  noGuard,
  'the close event comes when the command exits, although a keeper keeps its leftovers',
  async (t) => {
    const leftover = shellScript('sleep 600 </dev/null >/dev/null 2>&1 & echo $!; exit 7')
    const guard = guarded(t, leftover, {}, ['--leftovers=keep'])
    const closed = once(guard, 'close')
    const pid = await number(guard)
    t.deepEqual(await within(closed, 'the close event'), [7, null])
    t.true(isAlive(pid))
  },
)

const IPC: SpawnOptions = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }

testUnless(noGuard, 'a command has the IPC channel of Node', async (t) => {
  const guard = guarded(
    t,
    nodeScript(`process.on('message', (message) => process.send({ message, pid: process.pid, ppid: process.ppid }))
      process.on('disconnect', () => process.exit(7))`),
    IPC,
  )
  for (const message of ['text', { a: [1, null] }, 'x'.repeat(1_000_000)]) {
    const answer = once(guard, 'message') as Promise<[{ message: unknown; pid: number; ppid: number }]>
    guard.send(message)
    const [{ message: echoed, pid, ppid }] = await within(answer, 'the answer')
    t.deepEqual([echoed, ppid], [message, keeperOf(guard.pid)])
    t.is(pid, commandOf(guard.pid))
  }
  guard.disconnect()
  t.deepEqual(await ended(guard), { code: 7, signal: null })
})

testUnless(noGuard, 'the IPC channel of Node ends when the command disconnects', async (t) => {
  const guard = guarded(t, nodeScript(`process.disconnect(); setInterval(() => {}, 1000)`), IPC)
  await within(once(guard, 'disconnect'), 'the disconnect event')
  t.false(guard.connected)
  t.is(guard.exitCode, null)
})

testUnless(noGuard, 'a command gets a socket by the IPC channel of Node', async (t) => {
  const guard = guarded(
    t,
    nodeScript(`process.on('message', (_, socket) => socket.end('from the command'))
      process.on('disconnect', () => process.exit())`),
    IPC,
  )
  const server = createServer((socket) => guard.send('socket', socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => client.destroy())
  t.is(await within(text(client), 'the text'), 'from the command')
  guard.disconnect()
  t.deepEqual(await ended(guard), { code: 0, signal: null })
})
