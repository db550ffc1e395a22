// Opens many targets. Prints what they cost, as JSON.
import { KillTarget } from 'killtarget'
import { cost } from '../cost.ts'
import { raiseDescriptorLimit } from '../descriptor-limit.ts'
import { startProcess } from '../process.ts'

/** What all targets cost together. */
export interface OpenTargets {
  targets: number
  processes: number
  fds: number
  rss: number
  heap: number
  fdsLeft: number
}

const PROCESSES = 10
const WANTED = 10_000
/** Targets that are not counted: the code is compiled and loaded, and the kernel probed. */
const WARM_UP_TARGETS = 200

const count = raiseDescriptorLimit(WANTED)
const children = await Promise.all(Array.from({ length: PROCESSES }, startProcess))
const pids = children.map(({ pid }) => pid!)
openAll(WARM_UP_TARGETS).forEach((target) => target.close())

const before = await cost()
const targets = openAll(count)
const open = await cost()
for (const target of targets) target.close()
const { fds: fdsAfter } = await cost()
for (const child of children) child.stdin!.end()

const result: OpenTargets = {
  targets: count,
  processes: PROCESSES,
  fds: open.fds - before.fds,
  rss: open.rss - before.rss,
  heap: open.heap - before.heap,
  fdsLeft: fdsAfter - before.fds,
}
console.log(JSON.stringify(result))

function openAll(number: number): KillTarget[] {
  const opened = Array.from({ length: number }, (_, index) => KillTarget.fromPid(pids[index % pids.length]!))
  const without = opened.filter(({ method }) => method === 'start-time' || method === 'gone')
  if (without.length > 0) throw new Error(`${without.length} targets were opened without a file descriptor`)
  return opened
}
