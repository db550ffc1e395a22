import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'

/** Node's object of a child that has started, with its pid and streams. */
export type Child = ChildProcess & { pid: number; stdin: Writable; stdout: Readable }

type Test = Pick<ExecutionContext, 'teardown'>

/** Milliseconds. Long enough for a loaded machine: each wait takes a few milliseconds on an idle one. */
const DEADLINE = 120_000

const root = fileURLToPath(new URL('../../', import.meta.url))

const MARK = 'KILLTARGET_TEST_MARK'
const marks = new WeakMap<Test, string>()
const lines = new WeakMap<ChildProcess, AsyncIterator<string>>()

/**
 * Starts a child. When the test ends, the child is killed with all its descendants, in any group or session.
 *
 * The child has called exec(2) when this returns, so `sleep` can be signalled at once. A program that needs time to set
 * itself up must write a `line` when it is ready.
 */
export function start(t: Test, command: string, args: readonly string[] = [], options: SpawnOptions = {}): Child {
  const settings: SpawnOptions = { stdio: ['pipe', 'pipe', 'inherit'], ...options, env: testEnv(t, options.env) }
  const child = spawnAgain(command, args, settings)
  if (child.pid === undefined) throw new Error(`${command} did not start`)
  noteStart(child.pid)
  // The mark of a process cannot be read if its first thread is a zombie.
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout) lines.set(child, createInterface(child.stdout)[Symbol.asyncIterator]())
  return child as Child
}

/** wine cannot start a program at times, which it can start a moment later. */
function spawnAgain(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  for (let tries = 1; tries < 10; tries++) {
    try {
      return spawn(command, args, options)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'UNKNOWN') throw error
    }
  }
  return spawn(command, args, options)
}

/** Returns an environment. A process that has or inherits it is killed with the test, without a call of `start`. */
export function testEnv(t: Test, env = process.env): NodeJS.ProcessEnv {
  return { ...env, [MARK]: markOf(t) }
}

/** A pid that no process can have: it is above the kernel's greatest `pid_max`. */
export const NO_PID = 2 ** 31 - 1

/** Starts a process that does nothing, for longer than a test takes on a busy machine. */
export function sleeper(t: Test, options?: SpawnOptions): Child {
  // Windows has no such program.
  return process.platform === 'win32'
    ? start(t, process.execPath, ['--eval', 'setTimeout(() => {}, 600_000)'], options)
    : start(t, 'sleep', ['600'], options)
}

/** Starts a shell that runs the script. */
export function shell(t: Test, script: string, options?: SpawnOptions): Child {
  return start(t, 'sh', ['-c', script], options)
}

/** Runs a module's source in its own Node. It can import the package by its name; `args` begin at `process.argv[1]`. */
export function program(t: Test, source: string, args: readonly unknown[] = [], options?: SpawnOptions): Child {
  const command = ['--no-warnings', '--input-type=module', '--eval', source, '--', ...args.map(String)]
  return start(t, process.execPath, command, { cwd: root, ...options })
}

/** Resolves to the next line that the child writes. */
export async function line(child: Child): Promise<string> {
  const next = await within(lines.get(child)!.next(), `a line from process ${child.pid}`)
  if (next.done) throw new Error(`Process ${child.pid} wrote no more lines`)
  return next.value
}

/** Parses the next line as JSON. */
export async function json<T>(child: Child): Promise<T> {
  return JSON.parse(await line(child)) as T
}

/** Parses the next line as a number. */
export async function number(child: Child): Promise<number> {
  return Number(await line(child))
}

/** Waits for the child's `exit` event. Resolves to the exit status that Node reports. */
export async function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  if (child.exitCode === null && child.signalCode === null) {
    await within(once(child, 'exit'), `the end of process ${child.pid}`)
  }
  return { code: child.exitCode, signal: child.signalCode }
}

/** When the processes of tests were started. On a busy machine the kernel soon reuses their pids. */
const started = new Map<number, number | undefined>()

/** Notes when a process was started, so that a later one with its pid is told from it. */
export function noteStart(pid: number): void {
  started.set(pid, stat(pid)?.startTime)
}

/** Returns whether a process whose start was noted has exited: no process or a zombie has its pid, or another process reuses it. */
export function hasExited(pid: number): boolean {
  const seen = stat(pid)
  if (seen === undefined || seen.state === 'Z' || seen.state === 'X') return true
  return started.has(pid) && started.get(pid) !== seen.startTime
}

/** Polls until the condition is true, as no event announces it. */
export async function until(condition: () => boolean | Promise<boolean>, what = condition.toString()): Promise<void> {
  for (const end = performance.now() + DEADLINE; !(await condition());) {
    if (performance.now() > end) throw new Error(`Still waiting for: ${what}`)
    await sleep(2)
  }
}

/** Resolves as the promise does. Rejects once the deadline is over. */
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
  /** The state of the first thread: `R`, `S`, `D`, `T` stopped, `Z` zombie. */
  state: string
  ppid: number
  pgid: number
  sid: number
  /** In clock ticks since boot. */
  startTime: number
}

/** Reads `/proc/PID/stat`. Returns `undefined` if there is no such process. */
export function stat(pid: number): Stat | undefined {
  const text = read(pid, 'stat')
  if (text === '') return undefined
  const [letter, ...numbers] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [ppid, pgid, sid, , , , , , , , , , , , , , , , startTime] = numbers.map(Number)
  return { state: letter!, ppid: ppid!, pgid: pgid!, sid: sid!, startTime: startTime! }
}

/** Returns the state of a process' first thread, or `undefined` if there is no such process. */
export function state(pid: number): string | undefined {
  return stat(pid)?.state
}

/** Returns the signals that are pending for a process. */
export function pending(pid: number): number[] {
  const mask = BigInt(`0x${/^ShdPnd:\s*(\w+)$/m.exec(read(pid, 'status'))![1]}`)
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((bit) => (mask >> BigInt(bit - 1)) & 1n)
}

/** Returns the members of a process group, including zombies. */
export function group(pgid: number): number[] {
  return pids().filter((pid) => stat(pid)?.pgid === pgid)
}

/** A process and its parent, which reaps it on request. */
export interface Grandchild {
  pid: number
  /** Kills the process. It is a zombie when this resolves. */
  becomeZombie(): Promise<void>
  /** Lets the parent reap the process. Resolves, when that is done, to `$?` of the parent, which is a shell. */
  reaped(): Promise<number>
}

/** Starts a grandchild. Its parent is a shell that waits for it. */
export async function grandchild(t: Test): Promise<Grandchild> {
  const parent = shell(t, 'sleep 600 & echo $!; { wait $!; } 2>/dev/null; echo $?; exec sleep 600')
  const pid = await number(parent)
  return {
    pid,
    async becomeZombie() {
      // A stopped process does not reap.
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

/** Finds processes by a mark that they inherit: that also finds one that left its parent, group and session. */
async function killMarked(mark: string): Promise<void> {
  await until(() => {
    const found = pids().filter((pid) => read(pid, 'environ').includes(mark))
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // The process has just exited.
      }
    }
    return found.length === 0
  }, 'the processes of the test to exit')
}

/** Returns all pids. Without `/proc` it finds none. */
export function pids(): number[] {
  return process.platform === 'linux' ? readdirSync('/proc').map(Number).filter(Boolean) : []
}

/** Reads a file of a process. Returns an empty text if there is no such process. */
export function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return ''
  }
}
