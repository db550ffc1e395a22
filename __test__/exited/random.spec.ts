import { randomInt } from 'node:crypto'
import test from 'ava'
import { type ExitStatus, KillTarget } from 'killtarget'
import { kernel, truth } from '../helpers/kernel.ts'
import { type Child, ended, start, within } from '../helpers/processes.ts'
import { endedBy, exitedWith, UNKNOWN } from '../helpers/status.ts'

const ROUNDS = Number(process.env['KILLTARGET_TEST_ROUNDS'] ?? 400)
const AT_ONCE = 50

const signals = ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGUSR1', 'SIGTERM', 'SIGALRM', 'SIGRTMIN+3', 'SIGRTMIN+29']

/** What is to become of a child, and how that is brought about. */
interface Fate {
  status: ExitStatus
  child: Child
  target: KillTarget
  byPid: KillTarget
  meet(): void
}

/** A code or a signal, at once or when it is told to. */
function fate(t: Parameters<typeof start>[0]): Fate {
  const [code, signal] = [randomInt(256), signals[randomInt(signals.length)]!]
  const how = randomInt(3)
  const script = ['read line; exit "$0"', 'exit "$0"', 'exec cat'][how]!
  const child = start(t, 'sh', ['-c', script, String(code)], { stdio: ['pipe', 'ignore', 'inherit'] })
  // Who ends at once has nobody to read what it is told.
  child.stdin.on('error', () => {})
  const [target, byPid] = [KillTarget.fromChild(child)!, KillTarget.fromPid(child.pid)]
  const meet = [() => child.stdin.end('go\n'), () => {}, () => target.signal(signal)][how]!
  return { status: how === 2 ? endedBy(signal) : exitedWith(code), child, target, byPid, meet }
}

test.serial(`of ${ROUNDS} children none is told to have ended otherwise than it has`, async (t) => {
  t.timeout(60_000 + ROUNDS * 100)
  const tally = { children: 0, knownByPid: 0, unknownRealTime: 0 }
  for (let done = 0; done < ROUNDS; done += AT_ONCE) {
    // One list of what to clean up for each round: a process is forgotten when its round is over.
    const leftovers: (() => unknown)[] = []
    const fates = Array.from({ length: AT_ONCE }, () => fate({ teardown: (each) => void leftovers.push(each) }))
    const exits = fates.map(({ target, byPid }) => Promise.all([target.exited(), byPid.exited()]))
    fates.forEach(({ meet }) => meet())
    for (const [index, { status, child, target, byPid }] of fates.entries()) {
      const [told, toldByPid] = await within(exits[index]!, 'the exits')
      const node = await ended(child)
      const isRealTime = status.signal?.startsWith('SIGRT') === true
      tally.children++
      if (toldByPid.known) tally.knownByPid++
      // Node tells a death by such a signal as an exit with code 0.
      if (isRealTime) t.deepEqual(node, { code: 0, signal: null })
      else t.deepEqual({ ...node, known: true } as ExitStatus, status)
      if (isRealTime && !told.known && !truth.capabilities.exitInfo) tally.unknownRealTime++
      else t.deepEqual(told, status)
      t.deepEqual(toldByPid, toldByPid.known || truth.capabilities.exitInfo ? status : UNKNOWN)
      target.close()
      byPid.close()
    }
    await Promise.all(leftovers.map((each) => each()))
  }
  t.log(kernel, tally)
  t.is(tally.children, Math.ceil(ROUNDS / AT_ONCE) * AT_ONCE)
})
