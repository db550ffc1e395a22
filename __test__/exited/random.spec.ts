import { randomInt } from 'node:crypto'
import test from 'ava'
import { type ExitStatus, KillTarget } from 'killtarget'
import { kernel, truth } from '../helpers/kernel.ts'
import { type Child, ended, start, within } from '../helpers/processes.ts'
import { endedAs, endedBy, exitedWith, UNKNOWN } from '../helpers/status.ts'

const ROUNDS = Number(process.env['KILLTARGET_TEST_ROUNDS'] ?? 100)
const AT_ONCE = 50

const signals = ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGUSR1', 'SIGTERM', 'SIGALRM', 'SIGRTMIN+3', 'SIGRTMIN+29'] as const

/** A child, its expected status, and a function that makes it exit. */
interface Case {
  status: ExitStatus
  child: Child
  target: KillTarget
  byPid: KillTarget
  trigger(): void
}

/** Starts a child. It exits at once, after a line, or by a signal. */
function startCase(t: Parameters<typeof start>[0]): Case {
  const [code, signal] = [randomInt(256), signals[randomInt(signals.length)]!]
  const how = randomInt(3)
  const script = ['read line; exit "$0"', 'exit "$0"', 'exec cat'][how]!
  const child = start(t, 'sh', ['-c', script, String(code)], { stdio: ['pipe', 'ignore', 'inherit'] })
  // A child that exits at once does not read its input.
  child.stdin.on('error', () => {})
  const [target, byPid] = [KillTarget.fromChild(child)!, KillTarget.fromPid(child.pid)]
  const trigger = [() => child.stdin.end('go\n'), () => {}, () => target.signal(signal)][how]!
  return { status: how === 2 ? endedBy(signal) : exitedWith(code), child, target, byPid, trigger }
}

test.serial(`exited never resolves to a wrong status for ${ROUNDS} children`, async (t) => {
  t.timeout(60_000 + ROUNDS * 100)
  const tally = { children: 0, knownByPid: 0, unknownRealTime: 0 }
  for (let done = 0; done < ROUNDS; done += AT_ONCE) {
    // Each round has its own teardowns: its processes are cleaned up when it is over.
    const leftovers: (() => unknown)[] = []
    const cases = Array.from({ length: AT_ONCE }, () => startCase({ teardown: (each) => void leftovers.push(each) }))
    const exits = cases.map(({ target, byPid }) => Promise.all([target.exited(), byPid.exited()]))
    cases.forEach(({ trigger }) => trigger())
    for (const [index, { status, child, target, byPid }] of cases.entries()) {
      const [statusByChild, statusByPid] = await within(exits[index]!, 'the exits')
      const node = await ended(child)
      const isRealTime = status.signal?.startsWith('SIGRT') === true
      tally.children++
      if (statusByPid.known) tally.knownByPid++
      // Node reports a death by a real-time signal as the exit code 0.
      if (isRealTime) t.deepEqual(node, { code: 0, signal: null })
      else t.deepEqual(endedAs(node.code, node.signal), status)
      if (isRealTime && !statusByChild.known && !truth.capabilities.exitInfo) tally.unknownRealTime++
      else t.deepEqual(statusByChild, status)
      t.deepEqual(statusByPid, statusByPid.known || truth.capabilities.exitInfo ? status : UNKNOWN)
      target.close()
      byPid.close()
    }
    await Promise.all(leftovers.map((each) => each()))
  }
  t.log(kernel, tally)
  t.is(tally.children, Math.ceil(ROUNDS / AT_ONCE) * AT_ONCE)
})
