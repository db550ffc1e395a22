// Terminates 20 processes that ignore SIGTERM, beside a tree of two that has this many threads and is in its own grace. Ends
// that by the package, or by process.kill: threads.ts THREADS package|hand. Prints what was late as JSON. Runs in a PID
// namespace, with which all processes die.
import { descendants, KillTarget } from 'killtarget'
import { compiled } from '../../__test__/helpers/compile.ts'
import { ignoresSigterm } from '../../__test__/helpers/ignores-sigterm.ts'
import { ended, number, start } from '../../__test__/helpers/processes.ts'

/** All in milliseconds. */
export interface Late {
  /** How much later than the end of its grace the latest process was over. */
  signal: number
  /** The longest time for which JavaScript did not run meanwhile. */
  pause: number
  /** The same while the threads end. */
  lastPause: number
  /** One call of `descendants` for the tree with the threads. */
  descendants: number
}

const PROCESSES = 20
/** Milliseconds: the shortest grace, and from one to the next. */
const [SHORTEST, STEP] = [200, 50]

const [threads, how] = process.argv.slice(2) as [string, 'package' | 'hand']
const t = { teardown() {} }

const large = start(t, 'sh', ['-c', 'trap "" TERM; exec "$@"', 'sh', compiled('many-threads'), threads])
const child = await number(large)
const others = await Promise.all(Array.from({ length: PROCESSES }, () => ignoresSigterm(t)))
const targets = others.map((other) => KillTarget.fromChild(other)!)

const begin = performance.now()
if (descendants(large).length !== 1) throw new Error('descendants did not find the child')
const late: Late = { signal: 0, pause: 0, lastPause: 0, descendants: performance.now() - begin }

const force = new AbortController()
const options = { scope: 'tree', killTimeout: 60_000 } as const
const largeOne = KillTarget.fromChild(large)!
const terminated = how === 'package' && largeOne.terminate({ ...options, grace: 600_000, forceSignal: force.signal })
late.pause = await longestPause(() =>
  Promise.all(
    targets.map(async (target, place) => {
      const grace = SHORTEST + STEP * place
      const { outcome, elapsed } = await target.terminate({ ...options, grace })
      if (outcome !== 'killed') throw new Error(`A process that ignores SIGTERM: ${outcome}`)
      late.signal = Math.max(late.signal, elapsed - grace)
    }),
  ),
)
late.lastPause = await longestPause(() => {
  if (how === 'package') force.abort()
  else for (const pid of [child, large.pid]) process.kill(pid, 'SIGKILL')
  return Promise.all([terminated, ended(large)])
})
if (terminated && (await terminated).outcome !== 'killed') throw new Error('The tree with the threads was not killed')
console.log(JSON.stringify(late))
process.exit()

/** Returns the longest time for which JavaScript did not run from the call until its promise resolves. */
async function longestPause(call: () => Promise<unknown>): Promise<number> {
  let [longest, last] = [0, performance.now()]
  const timer = setInterval(note, 1)
  await call()
  note()
  clearInterval(timer)
  return longest

  function note(): void {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
}
