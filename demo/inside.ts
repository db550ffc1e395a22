// Runs as the first process of a PID namespace, where numbers can be given out on purpose, and writes down as JSON what
// becomes of a number there.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { KillTarget, type Method } from 'killtarget'

/** How a process ended. */
export interface Ended {
  code: number | null
  signal: string | null
}

/** What became of one number. */
export interface RaceFacts {
  pid: number
  original: Ended
  processKill: { returned: boolean; stranger: Ended }
  target: {
    method: Method
    raceFree: boolean
    whileOriginalLived: boolean
    returned: boolean
    strangerAnswered: boolean
    stranger: Ended
  }
}

/** `cat`: answers what it is told, and ends with code 0 when there is no more to come. */
type Cat = ChildProcessByStdio<Writable, Readable, null>

/** Others may start processes in between (a thread takes a number, too), so the number is tried for again. */
const ATTEMPTS = 1000

// The other end of stdin is the demonstration's: however that ends, this ends, and with it the whole namespace.
process.stdin
  .resume()
  .on('end', () => process.exit(1))
  .unref()

const original = start()
await answer(original)
const pid = original.pid!
using target = KillTarget.fromPid(pid)
const whileOriginalLived = target.signal(0)
const originalEnded = await letEnd(original)

const first = await startAs(pid)
const firstEnded = ended(first)
const processKill = { returned: process.kill(pid, 'SIGTERM'), stranger: await firstEnded }

const second = await startAs(pid)
const returned = target.signal('SIGTERM')
const strangerAnswered = await answer(second)
const { method, raceFree } = target
const facts: RaceFacts = {
  pid,
  original: originalEnded,
  processKill,
  target: { method, raceFree, whileOriginalLived, returned, strangerAnswered, stranger: await letEnd(second) },
}
console.log(JSON.stringify(facts))

function start(): Cat {
  return spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] })
}

/** Starts a process that is given this number, as happens by chance once the numbers have gone round. */
async function startAs(wanted: number): Promise<Cat> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', `${wanted - 1}`)
    const cat = start()
    await answer(cat)
    if (cat.pid === wanted) return cat
    await letEnd(cat)
  }
  throw new Error(`The number ${wanted} was not given out again`)
}

/** Whether it lives: it says what it was told. */
async function answer(cat: Cat): Promise<boolean> {
  cat.stdin.write('?')
  const [said] = await Promise.race([once(cat.stdout, 'data'), once(cat.stdout, 'end')])
  return String(said) === '?'
}

async function letEnd(cat: Cat): Promise<Ended> {
  const end = ended(cat)
  cat.stdin.end()
  return end
}

/** Its exit event comes after Node has waited for it, so its number is free by then. */
async function ended(cat: Cat): Promise<Ended> {
  const [code, signal] = await once(cat, 'exit')
  return { code, signal }
}
