import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { KillTarget } from 'killtarget'
import { ratio } from './compare.ts'
import type { Report, Row } from './results.ts'
import { quantile } from './statistics.ts'

/** A child, the cause of its exit, and the clean-up. */
interface Case {
  child: ChildProcess
  cause: () => unknown
  code: number | null
  cleanUp?: () => Promise<unknown>
}

/** Microseconds. */
interface Times {
  ours: number[]
  theirs: number[]
}

const CHILDREN = 1000
const SHELLS = 200

/** Measures the time from the cause of an exit to its report: by `exited()`, and by Node's `exit` event of the same child. */
export async function exited(): Promise<Report> {
  return {
    title: `from the cause of an exit to its report, ${CHILDREN.toLocaleString('en')} children (shells: ${SHELLS})`,
    against: "Node's exit event",
    rows: [
      ...rows('SIGKILL', await measure(killedCat, CHILDREN), 'at most 1.2'),
      ...rows('end of stdin', await measure(closedCat, CHILDREN), 'at most 1.2'),
      ...rows("sh -c 'sleep 3 & read _; exit 7'", await measure(shell, SHELLS), 'at most 2'),
    ],
  }
}

function rows(what: string, { ours, theirs }: Times, target: string): Row[] {
  const percentile = (times: number[]) => quantile(times, 0.99)
  return [
    ratio({ what, unit: 'µs', ours, theirs, target }),
    { what: '99th percentile', unit: 'µs', ours: percentile(ours), theirs: percentile(theirs) },
  ]
}

async function measure(start: () => Promise<Case>, count: number): Promise<Times> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  await report(await start(), true) // compiles the code
  for (let index = 0; index < count; index++) {
    const times = await report(await start(), index % 2 === 0)
    ours.push(times.ours)
    theirs.push(times.theirs)
  }
  return { ours, theirs }
}

/** Microseconds to each report. The side that starts to wait first may get its report first, so they take turns. */
async function report(
  { child, cause, code, cleanUp }: Case,
  oursFirst: boolean,
): Promise<{ ours: number; theirs: number }> {
  using target = KillTarget.fromChild(child)!
  const byNode = () => new Promise<number>((resolve) => child.once('exit', () => resolve(performance.now())))
  const byUs = () => target.exited().then((status) => ({ status, at: performance.now() }))
  const first = oursFirst ? byUs() : undefined
  const theirs = byNode()
  const ours = first ?? byUs()
  const start = performance.now()
  cause()
  const { status, at } = await ours
  const times = { ours: (at - start) * 1000, theirs: ((await theirs) - start) * 1000 }
  if (status.code !== code) throw new Error(`Exit code ${status.code} instead of ${code}`)
  await cleanUp?.()
  return times
}

async function killedCat(): Promise<Case> {
  const child = await cat()
  return { child, cause: () => child.kill('SIGKILL'), code: null }
}

async function closedCat(): Promise<Case> {
  const child = await cat()
  // `end()` would wait for a turn of the event loop.
  return { child, cause: () => child.stdin!.destroy(), code: 0 }
}

/** A background process keeps the shell's output open for three seconds. Node's `close` event waits for that. */
async function shell(): Promise<Case> {
  const child = spawn('sh', ['-c', 'sleep 3 & echo $!; read _; exit 7'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const background = KillTarget.fromPid(Number(line))
  const cleanUp = async () => {
    background.signal('SIGKILL')
    background.close()
    await once(child, 'close')
  }
  return { child, cause: () => child.stdin.destroy(), code: 7, cleanUp }
}

async function cat(): Promise<ChildProcess> {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write('ready')
  await once(child.stdout, 'data')
  return child
}
