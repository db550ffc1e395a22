// Waits for many processes at once and says what that takes, as JSON.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { KillTarget } from 'killtarget'
import { cost } from '../cost.ts'
import { startGroup } from '../group.ts'
import { limit } from '../limit.ts'
import { activity, threads } from '../threads.ts'

/** What so many waits take together. */
export interface Waited {
  waits: number
  processes: number
  threads: number
  fds: number
  rss: number
  heap: number
  /** How long nothing happened, in milliseconds; how often our thread was woken meanwhile, and its nanoseconds of CPU. */
  rest: number
  woken: number
  busy: number
  /** Milliseconds from the end of all processes' input until the last wait was over, and until their parent was. */
  told: number
  reaped: number
}

const PROCESSES = 1000
const WANTED = 10_000
const REST = 500
const NAME = 'killtarget'

const { leader, members } = await startGroup(PROCESSES)
const reaped = once(leader, 'exit').then(() => performance.now())
const targets = Array.from({ length: limit(WANTED) }, (_, index) => KillTarget.fromPid(members[index % PROCESSES]!))

const [before, threadsBefore] = [await cost(), threads(NAME)]
const waits = targets.map((target) => target.exited())
const [waiting, [thread, ...others]] = [await cost(), threads(NAME)]

const start = activity(thread!)
await sleep(REST)
const end = activity(thread!)

const cause = performance.now()
leader.stdin!.destroy()
const statuses = await Promise.all(waits)
const told = performance.now()
const wrong = statuses.filter(({ code, known }) => known && code !== 0)
if (wrong.length > 0) throw new Error(`${wrong.length} waits were told what is not so`)

const waited: Waited = {
  waits: waits.length,
  processes: PROCESSES,
  threads: 1 + others.length - threadsBefore.length,
  fds: waiting.fds - before.fds,
  rss: waiting.rss - before.rss,
  heap: waiting.heap - before.heap,
  rest: REST,
  woken: end.woken - start.woken,
  busy: end.busy - start.busy,
  told: told - cause,
  reaped: (await reaped) - cause,
}
console.log(JSON.stringify(waited))
