// Waits for many processes at once. Prints what that costs, as JSON.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { KillTarget } from 'killtarget'
import { cost } from '../cost.ts'
import { raiseDescriptorLimit } from '../descriptor-limit.ts'
import { startGroup } from '../group.ts'
import { activity, threads } from '../activity.ts'

/** What all waits cost together. */
export interface Waited {
  waits: number
  processes: number
  threads: number
  fds: number
  rss: number
  heap: number
  /** Milliseconds in which nothing happened. */
  idle: number
  /** How often the reactor's thread woke up in that time, and its CPU time in nanoseconds. */
  wakeUps: number
  cpuTime: number
  /** Milliseconds from the end of the processes' input to the completion of the last wait. */
  completed: number
  /** The same to the exit of their parent, which reaps them. */
  reaped: number
}

const PROCESSES = 1000
const WANTED = 10_000
const IDLE = 500
const THREAD_NAME = 'killtarget'

const { leader, members } = await startGroup(PROCESSES)
const reaped = once(leader, 'exit').then(() => performance.now())
const targets = Array.from({ length: raiseDescriptorLimit(WANTED) }, (_, index) =>
  KillTarget.fromPid(members[index % PROCESSES]!),
)

const [before, threadsBefore] = [await cost(), threads(THREAD_NAME)]
const waits = targets.map((target) => target.exited())
const [waiting, [thread, ...others]] = [await cost(), threads(THREAD_NAME)]

const start = activity(thread!)
await sleep(IDLE)
const end = activity(thread!)

const cause = performance.now()
leader.stdin!.destroy()
const statuses = await Promise.all(waits)
const completed = performance.now()
const wrong = statuses.filter(({ code, known }) => known && code !== 0)
if (wrong.length > 0) throw new Error(`${wrong.length} waits have resolved to a wrong status`)

const waited: Waited = {
  waits: waits.length,
  processes: PROCESSES,
  threads: 1 + others.length - threadsBefore.length,
  fds: waiting.fds - before.fds,
  rss: waiting.rss - before.rss,
  heap: waiting.heap - before.heap,
  idle: IDLE,
  wakeUps: end.wakeUps - start.wakeUps,
  cpuTime: end.cpuTime - start.cpuTime,
  completed: completed - cause,
  reaped: (await reaped) - cause,
}
console.log(JSON.stringify(waited))
