import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { descendants, killOnAbort, KillTarget, type Method, type ProcessInfo, type Termination } from 'killtarget'
import { within } from './within.ts'

/** A process of the task. */
export interface Part {
  role: string
  pid: number
  /** Its parent, of those that descend from the shell. */
  ppid?: number
  /** Where it listens, if it does. */
  port?: number
}

/** What was seen, each of it checked. */
export interface TaskFacts {
  parts: Part[]
  target: { pid: number; method: Method; raceFree: boolean }
  before: { alive: boolean[]; answer: string }
  /** How the cancellation went: asked by SIGTERM, killed after the grace. */
  grace: number
  termination: Termination
  after: { alive: boolean[]; answer: string; signalCode: string | null; signal: boolean }
}

const roles = ['shell', 'server', 'worker']

/**
 * The parts end with what they have as stdin. It is not the shell's, which Node closes when the shell has ended. Whoever has
 * started the worker is over: it is an orphan, and no parent leads to it.
 */
const script = '"$0" "$1" <&3 & ("$0" "$2" <&3 &); echo "shell $$"; wait'
const programs = ['./server.mjs', './worker.mjs'].map((file) => fileURLToPath(new URL(file, import.meta.url)))

/** Milliseconds. */
const GRACE = 500

/** Starts a task of three processes, one of which ignores SIGTERM, and cancels it by the pid of its first one. */
export async function cancelTask(): Promise<TaskFacts> {
  // Detached: the shell leads a session of its own, by which orphans of the task can be told.
  const shell = spawn('sh', ['-c', script, process.execPath, ...programs], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  try {
    const parts = await within('The task is ready', ready(shell))
    return await cancel(shell, parts)
  } finally {
    shell.stdio[3]?.destroy()
  }
}

async function cancel(shell: ChildProcess, parts: Part[]): Promise<TaskFacts> {
  const port = parts.find(({ role }) => role === 'server')!.port!
  const targets = parts.map(({ pid }) => KillTarget.fromPid(pid))
  const target = KillTarget.fromPid(shell.pid!)
  try {
    const before = { alive: targets.map((part) => part.isAlive()), answer: await within('The answer', ask(port)) }
    assert.deepEqual(before, { alive: [true, true, true], answer: 'hello' }, 'The task runs')
    const tree = parts.map((part) => ({ ...part, ...parent(part.pid, descendants(target)) }))
    const [, server, worker] = tree
    assert.equal(server!.ppid, shell.pid, 'The server is a child of the shell')
    assert.ok(worker!.ppid !== undefined && worker!.ppid !== shell.pid, 'The worker is found, and is an orphan')

    const closed = once(shell, 'close')
    const task = new AbortController()
    const { done } = killOnAbort(target, task.signal, { grace: GRACE })
    task.abort()
    const termination = (await within('The end of the task', done))!
    check(termination, shell.pid!)
    await within('The end of its output', closed)

    const after = {
      alive: targets.map((part) => part.isAlive()),
      answer: await within('The refusal', ask(port)),
      signalCode: shell.signalCode,
      signal: target.signal('SIGKILL'),
    }
    const expected = { alive: [false, false, false], answer: 'ECONNREFUSED', signalCode: 'SIGTERM', signal: false }
    assert.deepEqual(after, expected, 'The task is over')
    const { pid, method, raceFree } = target
    return { parts: tree, target: { pid, method, raceFree }, before, grace: GRACE, termination, after }
  } finally {
    for (const opened of [target, ...targets]) opened.close()
  }
}

/** Each process says who it is once it is ready: `ROLE PID [PORT]`. */
async function ready(shell: ChildProcess): Promise<Part[]> {
  const parts: Part[] = []
  for await (const line of createInterface({ input: shell.stdout! })) {
    const [role = '', pid, port] = line.split(' ')
    parts.push({ role, pid: Number(pid), ...(port === undefined ? {} : { port: Number(port) }) })
    if (parts.length === roles.length) break
  }
  assert.equal(parts.length, roles.length, 'Each process of the task started')
  shell.stdout!.resume()
  return roles.map((role) => parts.find((part) => part.role === role)!)
}

function check({ outcome, exit, ended, survivors, elapsed }: Termination, pid: number): void {
  assert.deepEqual(survivors, [], `Nobody of the tree of ${pid} survives`)
  assert.equal(outcome, 'killed', 'SIGKILL was needed for who ignores SIGTERM')
  // Before Linux 6.15 it is not known to who has the pid alone, where Node was faster.
  assert.ok(exit?.known === false || exit?.signal === 'SIGTERM', 'The shell has ended at SIGTERM')
  assert.equal(ended, roles.length, 'Each process of the task has ended')
  assert.ok(elapsed >= GRACE, 'Nobody is killed before the grace is over')
}

function parent(pid: number, found: ProcessInfo[]): { ppid?: number } {
  const ppid = found.find((info) => info.pid === pid)?.ppid
  return ppid == null ? {} : { ppid }
}

/** What the server says, or why it can't be reached. */
async function ask(port: number): Promise<string> {
  const request = get({ host: '127.0.0.1', port, agent: false })
  try {
    const [response] = await once(request, 'response')
    return await text(response)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
