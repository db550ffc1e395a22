import { strict as assert } from 'node:assert'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KillTarget, type Method } from 'killtarget'
import { within } from './within.ts'

/** A process of the task. */
export interface Part {
  role: string
  pid: number
  /** Where it listens, if it does. */
  port?: number
}

/** What was seen, each of it checked. */
export interface TaskFacts {
  parts: Part[]
  target: { pid: number; method: Method; raceFree: boolean }
  before: { alive: boolean[]; answer: string }
  signalPg: boolean
  after: { alive: boolean[]; answer: string; signalCode: string | null; signal: boolean }
}

const roles = ['shell', 'server', 'worker']

/** The shell takes its own stdin under another number, since `&` gives /dev/null for it unless told otherwise. */
const script = 'exec 3<&0; "$0" "$1" <&3 & "$0" "$2" <&3 & echo "shell $$"; wait'
const programs = ['./server.mjs', './worker.mjs'].map((file) => fileURLToPath(new URL(file, import.meta.url)))

/** Starts a task of three processes and cancels it by the pid of its first one. */
export async function cancelTask(): Promise<TaskFacts> {
  // Detached: the shell leads a group of its own, so that the whole task can be reached through it.
  const shell = spawn('sh', ['-c', script, process.execPath, ...programs], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const parts = await within('The task is ready', ready(shell))
    return await cancel(shell, parts)
  } finally {
    shell.stdin.destroy()
  }
}

async function cancel(shell: ChildProcessByStdio<Writable, Readable, null>, parts: Part[]): Promise<TaskFacts> {
  const port = parts.find(({ role }) => role === 'server')!.port!
  const targets = parts.map(({ pid }) => KillTarget.fromPid(pid))
  const target = KillTarget.fromPid(shell.pid!)
  try {
    const before = { alive: targets.map((part) => part.isAlive()), answer: await within('The answer', ask(port)) }
    assert.deepEqual(before, { alive: [true, true, true], answer: 'hello' }, 'The task runs')

    const closed = once(shell, 'close')
    const signalPg = target.signalPg('SIGTERM')
    assert.equal(signalPg, true, 'signalPg() delivers')
    await within('The end of the task', closed)
    await within('The end of each process', Promise.all(targets.map(over)))

    const after = {
      alive: targets.map((part) => part.isAlive()),
      answer: await within('The refusal', ask(port)),
      signalCode: shell.signalCode,
      signal: target.signal('SIGKILL'),
    }
    const expected = { alive: [false, false, false], answer: 'ECONNREFUSED', signalCode: 'SIGTERM', signal: false }
    assert.deepEqual(after, expected, 'The task is over')
    const { pid, method, raceFree } = target
    return { parts, target: { pid, method, raceFree }, before, signalPg, after }
  } finally {
    for (const opened of [target, ...targets]) opened.close()
  }
}

/** Each process says who it is once it is ready: `ROLE PID [PORT]`. */
async function ready(shell: ChildProcessByStdio<Writable, Readable, null>): Promise<Part[]> {
  const parts: Part[] = []
  for await (const line of createInterface({ input: shell.stdout })) {
    const [role = '', pid, port] = line.split(' ')
    parts.push({ role, pid: Number(pid), ...(port === undefined ? {} : { port: Number(port) }) })
    if (parts.length === roles.length) break
  }
  assert.equal(parts.length, roles.length, 'Each process of the task started')
  shell.stdout.resume()
  return roles.map((role) => parts.find((part) => part.role === role)!)
}

/** A process closes its pipes a moment before it is over: what is left of its end is microseconds. */
async function over(target: KillTarget): Promise<void> {
  while (target.isAlive()) await setImmediate()
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
