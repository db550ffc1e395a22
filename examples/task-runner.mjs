// Runs commands one after another, each for a limited time, and leaves none of their processes behind. Ctrl-C terminates
// the running task after a grace period; a second Ctrl-C terminates it at once.
//
//   node examples/task-runner.mjs [milliseconds that a task may run]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KillTarget, waitOrKill } from 'killtarget'

const timeout = Number(process.argv[2] ?? 2000)
/** Milliseconds from SIGTERM to SIGKILL. Tasks that have to clean up need some seconds. */
const grace = 300

const program = fileURLToPath(new URL('task.mjs', import.meta.url))
const tasks = [
  [process.execPath, program, 'build'],
  [process.execPath, program, 'lint'],
  ['no-such-command'],
  [process.execPath, program, 'hang'],
  [process.execPath, program, 'watch'],
]

// Each task leads its own process group, so Ctrl-C in a terminal signals this process only. It passes that on.
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
    // The task leads a process group, so its children can be terminated with it.
    detached: true,
    // Only for this example: the fourth pipe closes when this process exits, and with it tasks and helpers exit.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  await once(child, 'spawn') // rejects if there is no such command
  // Opened now, while the pid certainly belongs to the child. From now on it does not matter if the pid is reused.
  const target = KillTarget.fromChild(child)
  const closed = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))

  const options = { scope: 'group', grace, forceSignal: force.signal }
  let result
  let leftBehind
  try {
    // Waits for the process, not for its pipes (`closed`): a background child may keep those open for ever.
    result = await waitOrKill(target, { ...options, timeout, signal: interrupt.signal })
  } finally {
    // Terminates background children of a task that exited by itself. After a termination this finds none.
    leftBehind = await terminateRest(target, options)
    // All output is written now. The wait is limited because a process that left the group may keep the pipes open.
    await Promise.race([closed, sleep(100)])
    for (const stream of child.stdio) stream?.destroy()
    target.close()
  }
  return { ...result, leftBehind, output: output.trim() }
}

async function terminateRest(target, options) {
  try {
    const { ended, survivors } = await target.terminate({ ...options, killTimeout: grace })
    return survivors.length > 0 ? `${survivors.length} survived` : `${ended} terminated`
  } catch ({ code }) {
    // ENOSYS: before Linux 6.9 the group of a reaped leader cannot be distinguished from a later one. It is left alone.
    return `unknown (${code})`
  }
}

function describe({ status, timedOut, termination, leftBehind, output }) {
  const how = status.signal ?? `exit code ${status.code}`
  if (termination === null) return `${how}, left behind: ${leftBehind}, output: ${output}`
  const why = timedOut ? 'timed out' : 'aborted'
  return `${why}, ${how}, outcome: ${termination.outcome}, terminated: ${termination.ended}, output: ${output}`
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
