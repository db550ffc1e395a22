import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { KillTarget } from 'killtarget'
import { ratio } from './compare.ts'
import type { Report, Row } from './results.ts'
import { quantile } from './statistics.ts'

/** A child, what has it end, and what is to be done afterwards. */
interface Case {
  child: ChildProcess
  end: () => unknown
  code: number | null
  after?: () => Promise<unknown>
}

/** Microseconds. */
interface Times {
  ours: number[]
  theirs: number[]
}

const CHILDREN = 1000
const SHELLS = 200

/** How long after its cause an exit is seen: by `exited()`, and by Node's `exit` event of the same child. */
export async function exited(): Promise<Report> {
  return {
    title: `from the cause of an exit until it is seen, ${CHILDREN.toLocaleString('en')} children (shells: ${SHELLS})`,
    against: "Node's exit event",
    rows: [
      ...rows('SIGKILL', await measure(killed, CHILDREN), 'at most 1.2'),
      ...rows('the end of its stdin', await measure(fed, CHILDREN), 'at most 1.2'),
      ...rows("sh -c 'sleep 3 & read _; exit 7'", await measure(shell, SHELLS), 'at most 2'),
    ],
  }
}

function rows(what: string, { ours, theirs }: Times, target: string): Row[] {
  const last = (times: number[]) => quantile(times, 0.99)
  return [
    ratio({ what, unit: 'µs', ours, theirs, target }),
    { what: 'its 99th percentile', unit: 'µs', ours: last(ours), theirs: last(theirs) },
  ]
}

async function measure(start: () => Promise<Case>, count: number): Promise<Times> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  await see(await start(), true) // compiled before any is counted
  for (let index = 0; index < count; index++) {
    const seen = await see(await start(), index % 2 === 0)
    ours.push(seen.ours)
    theirs.push(seen.theirs)
  }
  return { ours, theirs }
}

/** Microseconds until it was seen. Who begins to wait first may be told first. */
async function see({ child, end, code, after }: Case, weAreFirst: boolean): Promise<{ ours: number; theirs: number }> {
  using target = KillTarget.fromChild(child)!
  const byNode = () => new Promise<number>((resolve) => child.once('exit', () => resolve(performance.now())))
  const byUs = () => target.exited().then((status) => ({ status, at: performance.now() }))
  const first = weAreFirst ? byUs() : undefined
  const theirs = byNode()
  const ours = first ?? byUs()
  const start = performance.now()
  end()
  const { status, at } = await ours
  const times = { ours: (at - start) * 1000, theirs: ((await theirs) - start) * 1000 }
  if (status.code !== code) throw new Error(`It ended with ${status.code} and not with ${code}`)
  await after?.()
  return times
}

async function killed(): Promise<Case> {
  const child = await cat()
  return { child, end: () => child.kill('SIGKILL'), code: null }
}

async function fed(): Promise<Case> {
  const child = await cat()
  // At once, where `end()` would wait for a turn of the event loop.
  return { child, end: () => child.stdin!.destroy(), code: 0 }
}

/** Somebody in the background has the output of the shell open for three seconds, which Node's `close` event waits for. */
async function shell(): Promise<Case> {
  const child = spawn('sh', ['-c', 'sleep 3 & echo $!; read _; exit 7'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const background = KillTarget.fromPid(Number(line))
  const after = async () => {
    background.signal('SIGKILL')
    background.close()
    await once(child, 'close')
  }
  return { child, end: () => child.stdin.destroy(), code: 7, after }
}

async function cat(): Promise<ChildProcess> {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write('ready')
  await once(child.stdout, 'data')
  return child
}
