// Opens many targets and says what they cost, as JSON.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { KillTarget } from 'killtarget'
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
/** File descriptors for all else. */
const OTHERS = 200

const count = Math.min(WANTED, limit() - OTHERS)
const children = await Promise.all(Array.from({ length: PROCESSES }, startProcess))
const pids = children.map(({ pid }) => pid!)
openAll(OTHERS).forEach((target) => target.close()) // compiled, loaded and probed before anything is counted

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

async function cost() {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc!()
    await setImmediate()
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heap: heapUsed, fds: readdirSync('/dev/fd').length }
}

/** How many file descriptors this process may have, raised if it must be and can be. */
function limit(): number {
  if (softLimit() < WANTED + OTHERS) {
    spawnSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${WANTED + OTHERS}`], { stdio: 'ignore' })
  }
  return softLimit()
}

function softLimit(): number {
  const { userLimits } = process.report.getReport() as unknown as {
    userLimits: { open_files: { soft: number | string } }
  }
  const { soft } = userLimits.open_files
  return soft === 'unlimited' ? Infinity : Number(soft)
}
