// A task runner: runs commands one after the other, each for a limited time, and leaves none of their processes behind.
// Ctrl-C ends the running task, politely; a second one at once.
//
//   node examples/task-runner.mjs [milliseconds that a task may take]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KillTarget, waitOrKill } from 'killtarget'

const timeout = Number(process.argv[2] ?? 2000)
/** Milliseconds from SIGTERM to SIGKILL. Tasks that have something to put in order need some seconds. */
const grace = 300

const program = fileURLToPath(new URL('task.mjs', import.meta.url))
const tasks = [
  [process.execPath, program, 'build'],
  [process.execPath, program, 'lint'],
  ['no-such-command'],
  [process.execPath, program, 'hang'],
  [process.execPath, program, 'watch'],
]

// The tasks are in groups of their own, so Ctrl-C at a terminal signals this process only: it has to tell them.
const [interrupt, force] = [new AbortController(), new AbortController()]
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, (_, number) => {
    process.exitCode = 128 + number
    if (interrupt.signal.aborted) force.abort()
    interrupt.abort()
  })
}

async function run([command, ...args]) {
  const child = spawn(command, args, {
    // The task leads a process group of its own: by that, its children can be ended with it.
    detached: true,
    // The fourth is of this example only: tasks and helpers that are still there end when this process does.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  await once(child, 'spawn') // rejects where there is no such command
  // Now, while the pid is the child's for certain. From here on it does not matter who has that number.
  const target = KillTarget.fromChild(child)
  const closed = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))

  const options = { scope: 'group', grace, forceSignal: force.signal }
  let result
  let rest
  try {
    // The end of the process, not of its pipes (`closed`): a child in the background may hold those open for ever.
    result = await waitOrKill(target, { ...options, timeout, signal: interrupt.signal })
  } finally {
    // That child, where the task has ended by itself. Where the task was terminated nobody is left, and nothing is sent.
    rest = await terminateRest(target, options)
    // Now all that was written can be read. Not for long: who has left the group may hold the pipes, too.
    await Promise.race([closed, sleep(100)])
    for (const stream of child.stdio) stream?.destroy()
    target.close()
  }
  return { ...result, rest, output: output.trim() }
}

async function terminateRest(target, options) {
  try {
    const { ended, survivors } = await target.terminate({ ...options, timeout: grace })
    return survivors.length > 0 ? `${survivors.length} survived` : `${ended} ended`
  } catch ({ code }) {
    // ENOSYS: before Linux 6.9 nothing tells the group of a leader that was reaped from a later one. It is left alone.
    return `unknown (${code})`
  }
}

function describe({ status, timedOut, termination, rest, output }) {
  const how = status.signal ?? `exit code ${status.code}`
  if (termination === null) return `${how}, left behind: ${rest}, output: ${output}`
  const why = timedOut ? 'timed out' : 'aborted'
  return `${why}, ${how}, outcome: ${termination.outcome}, ended: ${termination.ended}, output: ${output}`
}

for (const task of tasks) {
  const name = task.at(-1)
  if (interrupt.signal.aborted) {
    console.log(`${name}: not started`)
    continue
  }
  try {
    const result = await run(task)
    console.log(`${name}: ${describe(result)}`)
    if (result.status.code !== 0) process.exitCode ??= 1
  } catch (error) {
    console.log(`${name}: ${error.message}`)
    process.exitCode ??= 1
  }
}
