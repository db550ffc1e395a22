import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'

/** A child that was started: Node's own object, its pid and streams there. */
export type Child = ChildProcess & { pid: number; stdin: Writable; stdout: Readable }

type Test = Pick<ExecutionContext, 'teardown'>

/** Long enough for a machine that is busy with everything else. What is waited for takes milliseconds. */
const DEADLINE = 30_000

const root = fileURLToPath(new URL('../../', import.meta.url))

const MARK = 'KILLTARGET_TEST_MARK'
const marks = new WeakMap<Test, string>()
const lines = new WeakMap<ChildProcess, AsyncIterator<string>>()

/**
 * Starts a child that dies with the test, and whatever it starts in turn, wherever that went. The program has been
 * exec'ed when this returns: `sleep` can be signalled at once, what sets itself up first has to say so by a `line`.
 */
export function start(t: Test, command: string, args: readonly string[] = [], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options, env: mortal(t, options.env) })
  if (child.pid === undefined) throw new Error(`${command} did not start`)
  // The mark is not to be read of one whose first thread is a zombie.
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout) lines.set(child, createInterface(child.stdout)[Symbol.asyncIterator]())
  return child as Child
}

/** The environment by which whoever has it, or inherits it, dies with the test: for what `start` does not start. */
export function mortal(t: Test, env = process.env): NodeJS.ProcessEnv {
  return { ...env, [MARK]: markOf(t) }
}

/** A number that nobody has: it is above all that the kernel gives. */
export const NO_PID = 2 ** 31 - 1

/** A process that does nothing, for a minute at most. */
export function sleeper(t: Test, options?: SpawnOptions): Child {
  // Windows has no such program.
  return process.platform === 'win32'
    ? start(t, process.execPath, ['--eval', 'setTimeout(() => {}, 60_000)'], options)
    : start(t, 'sleep', ['60'], options)
}

/** A shell that runs the script. */
export function shell(t: Test, script: string, options?: SpawnOptions): Child {
  return start(t, 'sh', ['-c', script], options)
}

/** A module's source that runs in a Node of its own, may import the package by its name, and has `process.argv[1]`. */
export function program(t: Test, source: string, args: readonly unknown[] = [], options?: SpawnOptions): Child {
  const command = ['--no-warnings', '--input-type=module', '--eval', source, '--', ...args.map(String)]
  return start(t, process.execPath, command, { cwd: root, ...options })
}

/** The next line that the child writes. */
export async function line(child: Child): Promise<string> {
  const next = await within(lines.get(child)!.next(), `a line from process ${child.pid}`)
  if (next.done) throw new Error(`Process ${child.pid} wrote no more lines`)
  return next.value
}

/** The next line, as what it is in JSON. */
export async function json<T>(child: Child): Promise<T> {
  return JSON.parse(await line(child)) as T
}

/** The next line, as a number. */
export async function number(child: Child): Promise<number> {
  return Number(await line(child))
}

/** How the child ended, as Node tells it, once it has. */
export async function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  if (child.exitCode === null && child.signalCode === null) {
    await within(once(child, 'exit'), `the end of process ${child.pid}`)
  }
  return { code: child.exitCode, signal: child.signalCode }
}

/** Waits for what nothing announces. */
export async function until(condition: () => boolean | Promise<boolean>, what = condition.toString()): Promise<void> {
  for (const end = performance.now() + DEADLINE; !(await condition());) {
    if (performance.now() > end) throw new Error(`Still waiting for: ${what}`)
    await sleep(2)
  }
}

/** The promise, or an error once the deadline is over. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const timer = new AbortController()
  const late = sleep(DEADLINE, undefined, timer).then(() => Promise.reject(new Error(`Still waiting for ${what}`)))
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
    late.catch(() => {})
  }
}

export interface Stat {
  /** Of the first thread: `R`, `S`, `D`, `T` stopped, `Z` zombie. */
  state: string
  ppid: number
  pgid: number
  sid: number
  /** When it started, in clock ticks since the system did. */
  startTime: number
}

/** What the system says of a process. `undefined`: it was reaped, or never was. */
export function stat(pid: number): Stat | undefined {
  const text = read(pid, 'stat')
  if (text === '') return undefined
  const [letter, ...numbers] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [ppid, pgid, sid, , , , , , , , , , , , , , , , startTime] = numbers.map(Number)
  return { state: letter!, ppid: ppid!, pgid: pgid!, sid: sid!, startTime: startTime! }
}

/** The state of a process' first thread. `undefined`: it was reaped, or never was. */
export function state(pid: number): string | undefined {
  return stat(pid)?.state
}

/** The signals that a process has been sent and not yet taken. */
export function pending(pid: number): number[] {
  const mask = BigInt(`0x${/^ShdPnd:\s*(\w+)$/m.exec(read(pid, 'status'))![1]}`)
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((bit) => (mask >> BigInt(bit - 1)) & 1n)
}

/** Everyone in a process group, zombies included. */
export function group(pgid: number): number[] {
  return pids().filter((pid) => stat(pid)?.pgid === pgid)
}

/** A process with a parent that can be kept from reaping it. */
export interface Grandchild {
  pid: number
  /** Ends the process by SIGKILL. It is a zombie when this resolves. */
  becomeZombie(): Promise<void>
  /** Lets the parent reap. When this resolves that is done; to what a shell has in `$?` for a child that ended so. */
  reaped(): Promise<number>
}

/** Starts a grandchild, whose parent is a shell that waits for it. */
export async function grandchild(t: Test): Promise<Grandchild> {
  const parent = shell(t, 'sleep 60 & echo $!; { wait $!; } 2>/dev/null; echo $?; exec sleep 60')
  const pid = await number(parent)
  return {
    pid,
    async becomeZombie() {
      // Who is stopped reaps nobody.
      parent.kill('SIGSTOP')
      await until(() => state(parent.pid) === 'T', 'the parent to stop')
      process.kill(pid, 'SIGKILL')
      await until(() => state(pid) === 'Z', 'the process to become a zombie')
    },
    reaped() {
      parent.kill('SIGCONT')
      return number(parent)
    },
  }
}

function markOf(t: Test): string {
  let mark = marks.get(t)
  if (mark === undefined) {
    mark = randomUUID()
    marks.set(t, mark)
    t.teardown(() => killMarked(`${MARK}=${mark}`))
  }
  return mark
}

/** By a mark that is inherited, so that whoever left its parent, group and session is found, too. */
async function killMarked(mark: string): Promise<void> {
  await until(() => {
    const found = pids().filter((pid) => read(pid, 'environ').includes(mark))
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has just ended.
      }
    }
    return found.length === 0
  }, 'everything that the test has started to end')
}

/** Everyone, where there is `/proc`. */
export function pids(): number[] {
  return process.platform === 'linux' ? readdirSync('/proc').map(Number).filter(Boolean) : []
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return ''
  }
}
