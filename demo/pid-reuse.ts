// Runs as the first process of a PID namespace, where it can choose the pid of the next process. Prints as JSON what happens
// to a pid that is reused.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { KillTarget, type Method } from 'killtarget'

/** How a process exited. */
export interface Exit {
  code: number | null
  signal: string | null
}

/** What happened to one pid. */
export interface PidReuse {
  pid: number
  /** The process that the target was opened on. */
  original: Exit
  /** The second process with the pid, which `process.kill()` signals. */
  processKill: { returned: boolean; reused: Exit }
  /** The third process with the pid, which `target.signal()` does not signal. */
  target: {
    method: Method
    raceFree: boolean
    returnedBefore: boolean
    returned: boolean
    reusedAnswers: boolean
    reused: Exit
  }
}

/** Runs `cat`, which repeats its input, and exits with code 0 at the end of it. */
type Cat = ChildProcessByStdio<Writable, Readable, null>

/** Another process or thread may take the pid first, so it is tried again. */
const MAX_ATTEMPTS = 1000

// The pipe comes from the demonstration. It closes when the demonstration exits, however that happens. The exit of this
// process ends the namespace.
process.stdin
  .resume()
  .on('end', () => process.exit(1))
  .unref()

const original = start()
await answers(original)
const pid = original.pid!
using target = KillTarget.fromPid(pid)
const returnedBefore = target.signal(0)
const originalExit = await finish(original)

const second = await startWithPid(pid)
const secondExit = exitOf(second)
const processKill = { returned: process.kill(pid, 'SIGTERM'), reused: await secondExit }

const third = await startWithPid(pid)
const returned = target.signal('SIGTERM')
const reusedAnswers = await answers(third)
const { method, raceFree } = target
const facts: PidReuse = {
  pid,
  original: originalExit,
  processKill,
  target: { method, raceFree, returnedBefore, returned, reusedAnswers, reused: await finish(third) },
}
console.log(JSON.stringify(facts))

function start(): Cat {
  return spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] })
}

/** Starts a process with this pid. Outside of a demonstration that happens by chance, when the pids have wrapped around. */
async function startWithPid(wanted: number): Promise<Cat> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', `${wanted - 1}`)
    const cat = start()
    await answers(cat)
    if (cat.pid === wanted) return cat
    await finish(cat)
  }
  throw new Error(`The pid ${wanted} was not reused in ${MAX_ATTEMPTS} attempts`)
}

/** Returns whether the process is alive: it then repeats what is written to it. */
async function answers(cat: Cat): Promise<boolean> {
  cat.stdin.write('?')
  const [answer] = await Promise.race([once(cat.stdout, 'data'), once(cat.stdout, 'end')])
  return String(answer) === '?'
}

async function finish(cat: Cat): Promise<Exit> {
  const exit = exitOf(cat)
  cat.stdin.end()
  return exit
}

/** Resolves at the exit event. Node has reaped the process by then, so its pid is free. */
async function exitOf(cat: Cat): Promise<Exit> {
  const [code, signal] = await once(cat, 'exit')
  return { code, signal }
}
