// Tests for every system. The children run Node, as not every system has a shell.
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import test, { type ExecutionContext, type Implementation } from 'ava'
import {
  capabilities,
  descendants,
  type ExitStatus,
  killOnAbort,
  KillTarget,
  terminate,
  terminateSync,
  waitOrKill,
} from 'killtarget'
import treeKill from 'killtarget/tree-kill'
import { isAlive } from '../helpers/is-alive.ts'
import { truth } from '../helpers/kernel.ts'
import { type Child, ended, json, number, program, start, until, within } from '../helpers/processes.ts'
import { endedBy as statusOf, exitedWith, UNKNOWN } from '../helpers/status.ts'
import { held, open } from '../helpers/target.ts'

const isWindows = process.platform === 'win32'

/** Declares a test for Windows only. */
function windowsTest(title: string, implementation: Implementation<[]>): void {
  if (isWindows) test.serial(title, implementation)
}

// The tests run one after the other. Each starts several Nodes, and those are slow on an emulated processor.
const IDLE = 'setTimeout(() => {}, 300_000)'

/** Starts a Node that does nothing, for some minutes at most. Resolves when it runs. */
async function idle(t: ExecutionContext): Promise<Child> {
  const child = program(t, `console.log(process.pid); ${IDLE}`)
  await number(child)
  return child
}

/** Starts itself this many times, level by level: [2, 1] stands for two children with one child each. */
const NODE_TREE = `
  import { spawn } from 'node:child_process'
  import { createInterface } from 'node:readline'
  import { once } from 'node:events'
  const [count = 0, ...deeper] = JSON.parse(process.argv[1])
  const source = process.env.NODE_TREE
  const start = async () => {
    const args = ['--no-warnings', '--input-type=module', '--eval', source, '--', JSON.stringify(deeper)]
    // On Windows Node's job object kills the children with Node, unless they are detached.
    const detached = process.platform === 'win32'
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], detached })
    const [line] = await once(createInterface(child.stdout), 'line')
    return [child.pid, ...JSON.parse(line)]
  }
  const started = await Promise.all(Array.from({ length: count }, start))
  console.log(JSON.stringify(started.flat()))
  ${IDLE}
`

/** Starts a tree of Nodes. Resolves to the root and the pids of its descendants. */
async function nodeTree(t: ExecutionContext, shape: number[]): Promise<{ root: Child; below: number[] }> {
  const root = program(t, NODE_TREE, [JSON.stringify(shape)], { env: { ...process.env, NODE_TREE } })
  return { root, below: await json<number[]>(root) }
}

/** The exit status after this signal. Windows has no signals: there it is the exit code of `TerminateProcess`. */
const endedBy = (signal: string): ExitStatus => (isWindows ? exitedWith(1) : statusOf(signal))

test.serial('capabilities are those of this system, and targets use them', async (t) => {
  t.like(capabilities(), { ...truth.capabilities, raceFree: truth.raceFree })
  const child = await idle(t)
  const [byPid, byChild] = [open(t, child.pid), held(t, KillTarget.fromChild(child), child.pid)]
  for (const target of [byPid, byChild]) t.deepEqual([target.isAlive(), target.signal(0)], [true, true])
})

test.serial('SIGKILL terminates a process, `exited` resolves to its status, and the target is gone', async (t) => {
  const child = await idle(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  const exited = target.exited()
  t.true(target.signal('SIGKILL'))
  t.deepEqual(await within(exited, 'the end'), endedBy('SIGKILL'))
  t.false(target.isAlive())
  await ended(child)
  t.false(target.signal('SIGKILL'))
})

for (const code of [0, 7, 255]) {
  test.serial(`exited resolves to the exit code ${code}`, async (t) => {
    const child = program(t, `process.exit(${code})`)
    const target = KillTarget.fromChild(child)!
    t.deepEqual(await within(target.exited(), 'the end'), exitedWith(code))
    target.close()
  })
}

windowsTest('exited resolves to the same 32-bit exit code as Node reports', async (t) => {
  const child = program(t, 'process.exit(0xc0000005)')
  const target = KillTarget.fromChild(child)!
  const [[code], status] = await Promise.all([once(child, 'exit'), target.exited()])
  t.is(status.code, 0xc0000005)
  t.is(code, status.code)
})

test.serial('exited resolves to the status of a grandchild, or to an unknown one', async (t) => {
  const { root, below } = await nodeTree(t, [1])
  const target = open(t, below[0]!)
  target.signal('SIGKILL')
  const status = await within(target.exited(), 'the end')
  t.deepEqual(status, status.known ? endedBy('SIGKILL') : UNKNOWN)
  if (isWindows) t.true(status.known)
  t.true(isAlive(root.pid))
})

test.serial('descendants lists the processes below the root, parents first', async (t) => {
  const { root, below } = await nodeTree(t, [2, 1])
  const found = descendants(root)
  t.deepEqual(found.map(({ pid }) => pid).sort(), below.toSorted())
  for (const [index, { ppid }] of found.entries()) {
    t.true(ppid === root.pid || found.slice(0, index).some(({ pid }) => pid === ppid))
  }
})

for (const [call, act] of Object.entries({ terminate, terminateSync })) {
  test.serial(`${call} terminates a tree and no other process`, async (t) => {
    const { root, below } = await nodeTree(t, [2, 2])
    const sibling = await nodeTree(t, [1])
    const termination = await act(root, { grace: 30_000, killTimeout: 30_000 })
    t.like(termination, {
      outcome: 'exited',
      ended: 7,
      survivors: [],
      status: endedBy('SIGTERM'),
      proof: 'descendants',
    })
    t.deepEqual([root.pid, ...below].filter(isAlive), [])
    t.deepEqual(sibling.below.filter(isAlive), sibling.below)
  })

  test.serial(`${call} kills a tree at once if the grace is 0`, async (t) => {
    const { root, below } = await nodeTree(t, [2, 1])
    const termination = await act(root, { grace: 0, killTimeout: 30_000 })
    t.like(termination, { outcome: 'killed', ended: 5, survivors: [], status: endedBy('SIGKILL') })
    t.deepEqual(below.filter(isAlive), [])
  })

  test.serial(`${call} with the scope 'process' leaves the children alive`, async (t) => {
    const { root, below } = await nodeTree(t, [2])
    t.like(await act(root, { scope: 'process' }), { outcome: 'exited', ended: 1, proof: 'process' })
    t.deepEqual(below.filter(isAlive), below)
    for (const pid of below) await terminate(pid, { grace: 0 })
  })
}

test.serial('terminate leaves no survivors of a tree that grows meanwhile', async (t) => {
  // Each process starts another one as soon as it runs, down to a depth of 12.
  const { root } = await nodeTree(t, [1])
  const chain = program(t, NODE_TREE, [JSON.stringify(Array.from({ length: 12 }, () => 1))], {
    env: { ...process.env, NODE_TREE },
  })
  const target = held(t, KillTarget.fromChild(chain), chain.pid)
  let seen: number[] = []
  await until(() => {
    seen = descendants(target).map(({ pid }) => pid)
    return seen.length >= 3
  }, 'the tree to grow')
  const termination = await target.terminate({ grace: 0, killTimeout: 30_000 })
  t.like(termination, { outcome: 'killed', survivors: [] })
  t.true(termination.ended >= 4)
  t.deepEqual(seen.filter(isAlive), [])
  t.true(isAlive(root.pid))
})

test.serial('tree-kill terminates a tree and no other process', async (t) => {
  const { root, below } = await nodeTree(t, [2, 1])
  const sibling = await nodeTree(t, [1])
  await promisify<number, string>(treeKill)(root.pid, 'SIGKILL')
  await until(() => ![root.pid, ...below].some(isAlive), 'the tree to exit')
  t.deepEqual(sibling.below.filter(isAlive), sibling.below)
})

test.serial('killOnAbort and waitOrKill terminate a process after an abort and after a timeout', async (t) => {
  const controller = new AbortController()
  const killing = killOnAbort(await idle(t), controller.signal)
  controller.abort()
  t.like(await within(killing.done, 'the end'), { outcome: 'exited', ended: 1 })
  const { status, timedOut } = await waitOrKill(await idle(t), { timeout: 50 })
  t.deepEqual([status, timedOut], [endedBy('SIGTERM'), true])
})

test.serial('terminate refuses this process and its parent', async (t) => {
  for (const pid of [process.pid, process.ppid]) {
    // The parent of wine's first process is outside of wine, and has no pid there.
    if (pid === 0) continue
    await t.throwsAsync(terminate(pid), { code: 'ERR_PROTECTED_TARGET' })
    t.throws(() => terminateSync(pid), { code: 'ERR_PROTECTED_TARGET' })
  }
})

test.serial('a target without a process is gone, and terminate reports that', async (t) => {
  const target = KillTarget.fromPid(2 ** 31 - 4)
  t.deepEqual([target.method, target.isAlive(), target.signal()], ['gone', false, false])
  t.like(await target.terminate(), { outcome: 'gone', ended: 0 })
})

test.serial('threads that end in the middle of waits do not affect the waits of other threads', async (t) => {
  const child = await idle(t)
  const target = held(t, KillTarget.fromChild(child), child.pid)
  const exited = target.exited()
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { KillTarget } = require('killtarget')
    const target = KillTarget.fromPid(workerData)
    for (let wait = 0; wait < 10; wait++) target.exited({ timeout: 30_000 }).catch(() => {})
    parentPort.postMessage('ready')
  `
  const count = Number(process.env['KILLTARGET_TEST_WORKERS'] ?? 12)
  for (let done = 0; done < count; done += 10) {
    const workers = Array.from({ length: 10 }, () => new Worker(source, { eval: true, workerData: child.pid }))
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  target.signal('SIGKILL')
  t.deepEqual(await within(exited, 'the end'), endedBy('SIGKILL'))
})

windowsTest('the pid of a process is not reused while a target of it is open', async (t) => {
  const child = await idle(t)
  const target = open(t, child.pid)
  target.signal('SIGKILL')
  await once(child, 'exit')
  for (let round = 0; round < 100; round++) {
    const others = Array.from({ length: 2 }, () => start(t, process.execPath, ['--version'], { stdio: 'ignore' }))
    t.false(others.some(({ pid }) => pid === child.pid))
    t.false(target.signal('SIGKILL'))
    await Promise.all(others.map((other) => once(other, 'exit')))
    t.true(others.every(({ exitCode }) => exitCode === 0))
  }
})

windowsTest('descendants lists the orphans of a process that has exited, while its target is open', async (t) => {
  const { root, below } = await nodeTree(t, [2])
  const target = open(t, root.pid)
  target.signal('SIGKILL')
  await target.exited()
  t.deepEqual(
    descendants(target)
      .map(({ pid }) => pid)
      .sort(),
    below.toSorted(),
  )
  t.like(await target.terminate(), { ended: 2, survivors: [] })
  t.deepEqual(below.filter(isAlive), [])
})

/** Starts idle processes until one gets the pid, which takes some hundreds. */
async function successor(t: ExecutionContext, pid: number): Promise<Child> {
  const inVain = performance.now() + 200_000
  while (performance.now() < inVain) {
    // Each process waits for a line that never comes.
    const wait = () => start(t, 'cmd.exe', ['/c', 'set', '/p', 'line='], { stdio: ['pipe', 'ignore', 'ignore'] })
    const some = Array.from({ length: 4 }, wait)
    const found = some.find((child) => child.pid === pid)
    if (found !== undefined) return found
    for (const child of some) child.kill('SIGKILL')
    await Promise.all(some.map(ended))
  }
  throw new Error(`No process got the pid ${pid}`)
}

windowsTest('the orphan of a process is not a descendant of another one that reuses the pid', async (t) => {
  t.timeout(600_000)
  const { root, below } = await nodeTree(t, [1])
  root.kill('SIGKILL')
  await ended(root)
  const target = open(t, (await successor(t, root.pid)).pid)
  t.deepEqual(descendants(target), [])
  t.like(await target.terminate(), { outcome: 'exited', ended: 1, survivors: [], proof: 'descendants' })
  t.deepEqual(below.filter(isAlive), below)
})

windowsTest('a call that Windows does not support fails with ENOSYS, and sends no signal', async (t) => {
  const child = await idle(t)
  const target = open(t, child.pid)
  for (const signal of ['SIGHUP', 'SIGBREAK', 'SIGWINCH', 'SIGABRT'] as const) {
    t.throws(() => target.signal(signal), { code: 'ENOSYS' }, signal)
    await t.throwsAsync(target.terminate({ killSignal: signal }), { code: 'ENOSYS' }, signal)
  }
  t.throws(() => target.signalPg(), { code: 'ENOSYS' })
  t.throws(() => target.signal('SIGUSR1'), { code: 'ERR_UNKNOWN_SIGNAL' })
  await t.throwsAsync(promisify<number, string>(treeKill)(child.pid, 'SIGHUP'), { code: 'ENOSYS' })
  await t.throwsAsync(target.terminate({ scope: 'group' }), { code: 'ENOSYS' })
  await t.throwsAsync(target.suspend(), { code: 'ENOSYS' })
  await t.throwsAsync(target.resume(), { code: 'ENOSYS' })
  t.true(target.isAlive())
})
