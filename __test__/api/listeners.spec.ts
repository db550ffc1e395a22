import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import test, { type ExecutionContext } from 'ava'
import { listeners, terminate } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { type Child, ended, json, line, number, program, start, state, until } from '../helpers/processes.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

/** The addresses of this machine. A kernel may have no IPv6, or no network at all. */
const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])

function noAddress(address: string): string | undefined {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  return addresses.some((each) => each.family === family) ? undefined : `there is no ${family} here`
}

const noNetwork = noAddress('127.0.0.1')

const pids = (port: number) => listeners(port).map(({ pid }) => pid)

/** Starts a server that writes its port, on an address of IPv4 or IPv6. */
async function server(t: ExecutionContext, protocol: 'tcp' | 'udp', address: string): Promise<[Child, number]> {
  const source = {
    tcp: `import { createServer } from 'node:net'
      const server = createServer().listen(0, process.argv[1], () => console.log(server.address().port))`,
    udp: `import { createSocket } from 'node:dgram'
      const [address] = process.argv.slice(1)
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
      socket.bind(0, address, () => console.log(socket.address().port))`,
  }
  const child = program(t, source[protocol], [address])
  return [child, await number(child)]
}

/** Listens in this process, and returns the port and the descriptor of the socket. */
async function listening(t: ExecutionContext): Promise<{ port: number; fd: number; close(): void }> {
  const here = createServer().listen(0, '127.0.0.1')
  await once(here, 'listening')
  const close = () => void here.close()
  t.teardown(close)
  const { fd } = Reflect.get(here, '_handle') as { fd: number }
  return { port: (here.address() as AddressInfo).port, fd, close }
}

for (const protocol of ['tcp', 'udp'] as const) {
  for (const address of ['127.0.0.1', '0.0.0.0', '::1', '::']) {
    testUnless(
      noAddress(address),
      `listeners names the process that listens by ${protocol} on ${address}`,
      async (t) => {
        const [child, port] = await server(t, protocol, address)
        const [found, ...others] = listeners(port)
        t.deepEqual([found?.pid, found?.command, others], [child.pid, child.spawnargs, []])
        await terminate(found!)
        t.like(await ended(child), { signal: 'SIGTERM' })
        t.deepEqual(listeners(port), [])
      },
    )
  }
}

testUnless(noNetwork, 'listeners names this process', async (t) => {
  const { port } = await listening(t)
  t.deepEqual(pids(port), [process.pid])
})

testUnless(noNetwork, 'listeners names every process that has inherited the socket', async (t) => {
  const { port, fd, close } = await listening(t)
  const heirs = [1, 2].map(() => start(t, 'sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', fd] }))
  const sorted = (numbers: number[]) => numbers.toSorted((one, other) => one - other)
  t.deepEqual(sorted(pids(port)), sorted([process.pid, ...heirs.map(({ pid }) => pid)]))
  close()
  t.deepEqual(sorted(pids(port)), sorted(heirs.map(({ pid }) => pid)))
})

testUnless(noCompiler ?? noNetwork, 'listeners leaves out a new child that has called no execve yet', async (t) => {
  const parent = start(t, compiled('late-exec'))
  const [port, child] = (await line(parent)).split(' ').map(Number) as [number, number]
  t.deepEqual(pids(port), [parent.pid])
  parent.stdin.write('.')
  await until(() => readFileSync(`/proc/${child}/comm`, 'utf8') === 'sleep\n')
  t.deepEqual(pids(port), [parent.pid])
})

testUnless(
  noCompiler ?? noNetwork,
  'listeners names a child that calls no execve, as a worker of a server',
  async (t) => {
    const parent = start(t, compiled('late-exec'))
    const [port, child] = (await line(parent)).split(' ').map(Number) as [number, number]
    await until(() => pids(port).length === 2)
    t.deepEqual(new Set(pids(port)), new Set([parent.pid, child]))
  },
)

testUnless(
  noCompiler ?? noNetwork,
  'listeners names a new child that calls no execve if its parent has exited',
  async (t) => {
    const parent = start(t, compiled('late-exec'), ['exit'])
    const [port, child] = (await line(parent)).split(' ').map(Number) as [number, number]
    await ended(parent)
    t.deepEqual(pids(port), [child])
  },
)

testUnless(noCompiler ?? noNetwork, 'listeners names a process of which the first thread has exited', async (t) => {
  const { port, fd, close } = await listening(t)
  const child = start(t, compiled('zombie-leader'), [], { stdio: ['pipe', 'pipe', 'inherit', fd] })
  await line(child)
  close()
  await until(() => state(child.pid) === 'Z')
  t.deepEqual(pids(port), [child.pid])
})

testUnless(noNetwork, 'listeners leaves out clients, connections and connected sockets', async (t) => {
  const { port } = await listening(t)
  const client = connect(port, '127.0.0.1')
  t.teardown(() => client.destroy())
  await once(client, 'connect')
  t.deepEqual(pids(client.localPort!), [])
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  t.deepEqual(pids(socket.address().port), [])
})

testUnless(notRoot ?? noNetwork, 'listeners does not take the process of another user for none', async (t) => {
  const { port } = await listening(t)
  const source = `
    import { listeners } from 'killtarget'
    process.setuid(${NOBODY})
    const code = (call) => { try { return call() } catch ({ code, syscall, message }) { return { code, syscall, message } } }
    console.log(JSON.stringify(code(() => listeners(${port}))))
  `
  t.deepEqual(await json(program(t, source)), {
    code: 'EPERM',
    syscall: 'open(/proc/PID/fd)',
    message: 'EPERM: Operation not permitted, open(/proc/PID/fd)',
  })
})

testUnless(
  noPidNamespace ?? noNetwork,
  'listeners does not take a process of another PID namespace for none',
  async (t) => {
    const { port } = await listening(t)
    t.is(await inNamespace('listeners-outside.ts', { args: [String(port)] }), 'ERR_IDENTITY_UNAVAILABLE')
  },
)

test('listeners refuses what is no port', (t) => {
  for (const port of [0, -1, 65_536, 1.5, NaN, Infinity]) t.throws(() => listeners(port), { code: 'ERR_OUT_OF_RANGE' })
  for (const port of ['80', null, undefined, {}, 80n]) {
    t.throws(() => listeners(port as never), { code: 'ERR_INVALID_ARG_TYPE' })
  }
})
