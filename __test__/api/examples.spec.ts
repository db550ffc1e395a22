import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { noGuard } from '../helpers/guard.ts'
import { type Child, ended, line, start, stat, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

interface Example {
  child: Child
  /** Returns the running processes of the example, including itself. */
  living(): number[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Whether the group of a reaped leader can be signalled. If not, the outcome depends on a race with Node. */

const BUILD = 'build: exit code 0, left behind: 0 terminated, output: 3 files built'
const LINT = 'lint: exit code 2, left behind: 0 terminated, output: 1 error'
const NOT_FOUND = 'no-such-command: spawn no-such-command ENOENT'

/** Milliseconds. A process that hangs does so until the test ends. */
const FOR_EVER = '3600000'

test('mcp-shutdown terminates each server by the first step that it heeds, with its helpers', async (t) => {
  const lines = await linesOf(t, example(t, 'mcp-shutdown'), { lines: 4, code: 0 })
  t.deepEqual(lines, [
    'exits on EOF: exit code 0, outcome: exited, survivors: none',
    'exits on SIGTERM: SIGTERM, outcome: exited, survivors: none',
    'ignores both: SIGKILL, outcome: killed, survivors: none',
    'leaves a helper: exit code 0, outcome: exited, survivors: none',
  ])
})

test('task-runner runs one task after the other, and leaves no process of a hanging or a finished task alive', async (t) => {
  const lines = await linesOf(t, example(t, 'task-runner'), { lines: 5, code: 1 })
  const watch = lines.pop()!
  t.deepEqual(lines, [
    BUILD,
    LINT,
    NOT_FOUND,
    'hang: timed out, SIGKILL, outcome: killed, terminated: 2, output: waiting',
  ])
  t.regex(watch, new RegExp(`^watch: exit code 0, left behind: 1 terminated, output: watching$`))
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`task-runner terminates its task at ${signal}, and starts no other`, async (t) => {
    const runner = await hanging(t)
    runner.child.kill(signal)
    const [hang, watch] = await linesOf(t, runner, { lines: 2, code })
    t.regex(hang!, /^hang: aborted, SIGKILL, outcome: killed, terminated: 2, output: (waiting)?$/)
    t.is(watch, 'watch: not started')
  })
}

test('a killed client of mcp-shutdown leaves no process alive', async (t) => {
  const { child, living } = example(t, 'mcp-shutdown', FOR_EVER)
  // The client, the server that ignores the end of its input, the one that ignores SIGTERM, and its helper.
  await until(() => living().length >= 4, 'the servers to start')
  child.kill('SIGKILL')
  await until(() => living().length === 0, 'the processes of the example to exit')
  t.is((await ended(child)).signal, 'SIGKILL')
})

test('a killed task runner leaves no process alive', async (t) => {
  const { child, living } = await hanging(t)
  child.kill('SIGKILL')
  await until(() => living().length === 0, 'the processes of the example to exit')
  t.is((await ended(child)).signal, 'SIGKILL')
})

testUnless(noGuard, 'contained-server terminates a server and its daemon', async (t) => {
  const lines = await linesOf(t, example(t, 'contained-server'), { lines: 2, code: 0 })
  t.deepEqual(lines, ['contained: reaper, processes: 2', 'outcome: exited, terminated: 2, survivors: 0, proof: reaper'])
})

testUnless(noGuard, 'a killed contained-server leaves no process alive', async (t) => {
  const { child, living } = example(t, 'contained-server', '3600')
  t.is(await line(child), 'contained: reaper, processes: 2')
  child.kill('SIGKILL')
  await until(() => living().length === 0, 'the processes of the example to exit')
  t.is((await ended(child)).signal, 'SIGKILL')
})

/** Starts an example as a user does. */
function example(t: ExecutionContext, name: string, ...args: string[]): Example {
  const mark = randomUUID()
  const env = { ...process.env, KILLTARGET_TEST_EXAMPLE: mark }
  const child = start(t, process.execPath, [`examples/${name}.mjs`, ...args], { cwd: root, env })
  return { child, living: () => pids().filter((pid) => environment(pid).includes(mark)) }
}

/** Starts a task runner. Resolves when its task hangs, ignores SIGTERM and has started its helper. */
async function hanging(t: ExecutionContext): Promise<Example> {
  const runner = example(t, 'task-runner', FOR_EVER)
  for (const text of [BUILD, LINT, NOT_FOUND]) t.is(await line(runner.child), text)
  const childOf = (parent: number | undefined) => runner.living().find((pid) => stat(pid)?.ppid === parent)
  await until(() => {
    const task = childOf(runner.child.pid)
    return task !== undefined && childOf(task) !== undefined
  }, 'the task to hang')
  return runner
}

/** Reads the lines of an example until it exits. Asserts that none of its processes is alive then. */
async function linesOf(
  t: ExecutionContext,
  { child, living }: Example,
  expected: { lines: number; code: number },
): Promise<string[]> {
  const lines: string[] = []
  while (lines.length < expected.lines) lines.push(await line(child))
  t.deepEqual(await ended(child), { code: expected.code, signal: null }, lines.join('\n'))
  t.deepEqual(living(), [])
  await t.throwsAsync(line(child), { message: /wrote no more lines/ })
  return lines
}

/** Returns the environment of a process, or an empty string if it has exited. */
function environment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Boolean)
}
