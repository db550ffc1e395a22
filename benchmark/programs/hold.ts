// Opens many targets and says what they cost, as JSON.
import { KillTarget } from 'killtarget'
import { cost } from '../cost.ts'
import { limit } from '../limit.ts'
import { startProcess } from '../process.ts'

/** What so many targets cost together. */
export interface Held {
  targets: number
  processes: number
  fds: number
  rss: number
  heap: number
  fdsLeft: number
}

const PROCESSES = 10
const WANTED = 10_000
/** Opened and closed before anything is counted: compiled, loaded and probed. */
const FIRST = 200

const count = limit(WANTED)
const children = await Promise.all(Array.from({ length: PROCESSES }, startProcess))
const pids = children.map(({ pid }) => pid!)
openAll(FIRST).forEach((target) => target.close())

const before = await cost()
const targets = openAll(count)
const open = await cost()
for (const target of targets) target.close()
const { fds: fdsAfter } = await cost()
for (const child of children) child.stdin!.end()

const held: Held = {
  targets: count,
  processes: PROCESSES,
  fds: open.fds - before.fds,
  rss: open.rss - before.rss,
  heap: open.heap - before.heap,
  fdsLeft: fdsAfter - before.fds,
}
console.log(JSON.stringify(held))

function openAll(number: number): KillTarget[] {
  const opened = Array.from({ length: number }, (_, index) => KillTarget.fromPid(pids[index % pids.length]!))
  const without = opened.filter(({ method }) => method === 'start-time' || method === 'gone')
  if (without.length > 0) throw new Error(`${without.length} targets were opened without a file descriptor`)
  return opened
}
