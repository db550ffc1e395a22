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
export interface TaskProcess {
  role: string
  pid: number
  /** The pid of its parent. Absent for the shell. */
  ppid?: number
  /** The port that it listens on. */
  port?: number
}

/** What happened, all of it checked. */
export interface TaskFacts {
  processes: TaskProcess[]
  target: { pid: number; method: Method; raceFree: boolean }
  before: { alive: boolean[]; answer: string }
  /** Milliseconds from SIGTERM to SIGKILL. */
  grace: number
  termination: Termination
  after: { alive: boolean[]; answer: string; signalCode: string | null; signal: boolean }
}

const roles = ['shell', 'server', 'worker']

/**
 * Starts the server as a child of the shell, and the worker as an orphan: the subshell that starts it exits at once. Both
 * exit at the end of their stdin. That is descriptor 3, because Node closes the shell's own stdin when the shell exits.
 */
const script = '"$0" "$1" <&3 & ("$0" "$2" <&3 &); echo "shell $$"; wait'
const programs = ['./server.mjs', './worker.mjs'].map((file) => fileURLToPath(new URL(file, import.meta.url)))

/** Milliseconds. */
const GRACE = 500

/** Starts a task of three processes, one of which ignores SIGTERM. Cancels it by the pid of the first one. */
export async function cancelTask(): Promise<TaskFacts> {
  // Detached: the shell leads a session, by which the orphans of the task are found.
  const shell = spawn('sh', ['-c', script, process.execPath, ...programs], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  try {
    const processes = await within('The start of the task', ready(shell))
    return await cancel(shell, processes)
  } finally {
    shell.stdio[3]?.destroy()
  }
}

async function cancel(shell: ChildProcess, processes: TaskProcess[]): Promise<TaskFacts> {
  const port = processes.find(({ role }) => role === 'server')!.port!
  const targets = processes.map(({ pid }) => KillTarget.fromPid(pid))
  const target = KillTarget.fromPid(shell.pid!)
  try {
    const before = { alive: targets.map((each) => each.isAlive()), answer: await within('The answer', ask(port)) }
    assert.deepEqual(before, { alive: [true, true, true], answer: 'hello' }, 'The task runs')
    const tree = processes.map((each) => ({ ...each, ...parentOf(each.pid, descendants(target)) }))
    const [, server, worker] = tree
    assert.equal(server!.ppid, shell.pid, 'The server is a child of the shell')
    assert.ok(worker!.ppid !== undefined && worker!.ppid !== shell.pid, 'The worker is an orphan, and is found')

    const closed = once(shell, 'close')
    const task = new AbortController()
    const { done } = killOnAbort(target, task.signal, { grace: GRACE })
    task.abort()
    const termination = (await within('The end of the task', done))!
    check(termination, shell.pid!)
    await within('The end of the output', closed)

    const after = {
      alive: targets.map((each) => each.isAlive()),
      answer: await within('The refused connection', ask(port)),
      signalCode: shell.signalCode,
      signal: target.signal('SIGKILL'),
    }
    const expected = { alive: [false, false, false], answer: 'ECONNREFUSED', signalCode: 'SIGTERM', signal: false }
    assert.deepEqual(after, expected, 'All processes of the task have exited')
    const { pid, method, raceFree } = target
    return { processes: tree, target: { pid, method, raceFree }, before, grace: GRACE, termination, after }
  } finally {
    for (const opened of [target, ...targets]) opened.close()
  }
}

/** Each process prints a line when it is ready: `ROLE PID [PORT]`. */
async function ready(shell: ChildProcess): Promise<TaskProcess[]> {
  const started: TaskProcess[] = []
  for await (const line of createInterface({ input: shell.stdout! })) {
    const [role = '', pid, port] = line.split(' ')
    started.push({ role, pid: Number(pid), ...(port === undefined ? {} : { port: Number(port) }) })
    if (started.length === roles.length) break
  }
  assert.equal(started.length, roles.length, 'All processes of the task start')
  shell.stdout!.resume()
  return roles.map((role) => started.find((each) => each.role === role)!)
}

function check({ outcome, status: exit, ended, survivors, elapsed }: Termination, pid: number): void {
  assert.deepEqual(survivors, [], `No process of the tree of ${pid} survives`)
  assert.equal(outcome, 'killed', 'SIGKILL was needed for the process that ignores SIGTERM')
  // Before Linux 6.15 the status of a target from a pid is unknown if Node reaped the process first.
  assert.ok(exit?.known === false || exit?.signal === 'SIGTERM', 'SIGTERM terminated the shell')
  assert.equal(ended, roles.length, 'All processes of the task have exited')
  assert.ok(elapsed >= GRACE, 'No SIGKILL is sent before the end of the grace period')
}

function parentOf(pid: number, found: ProcessInfo[]): { ppid?: number } {
  const ppid = found.find((info) => info.pid === pid)?.ppid
  return ppid == null ? {} : { ppid }
}

/** Resolves to the server's answer, or to the code of the error. */
async function ask(port: number): Promise<string> {
  const request = get({ host: '127.0.0.1', port, agent: false })
  try {
    const [response] = await once(request, 'response')
    return await text(response)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
