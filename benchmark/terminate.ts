import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { KillTarget, type Termination } from 'killtarget'
import { ratio } from './compare.ts'
import { type Group, startGroup, startGroupOfOne } from './group.ts'
import type { Report, Row } from './results.ts'
import { inTurns } from './turns.ts'

/** Milliseconds. A usual interval in programs that poll. */
const POLL_INTERVAL = 10

/** Measures the time from the call to the exit of all members of a process group. */
export async function terminate(): Promise<Report> {
  return {
    title: `SIGTERM to a process group, until all have exited; by hand: process.kill, and a poll every ${POLL_INTERVAL} ms`,
    against: 'by hand',
    rows: [
      ...(await rows('100 processes', () => startGroup(99), 40)),
      ...(await rows('1 process', startGroupOfOne, 100)),
    ],
  }
}

async function rows(what: string, start: () => Promise<Group>, rounds: number): Promise<Row[]> {
  const { ours, blocking, polled, reported } = await inTurns(
    {
      ours: () => byUs(start, (target) => target.terminate({ scope: 'group' })),
      blocking: () => byUs(start, (target) => target.terminateSync({ scope: 'group' })),
      polled: () => byHand(start, poll),
      reported: () => byHand(start, exit),
    },
    rounds,
  )
  return [
    ratio({ what: `${what}, terminate()`, unit: 'ms', ours, theirs: polled }),
    ratio({ what: `${what}, terminateSync()`, unit: 'ms', ours: blocking, theirs: polled }),
    ratio({ what: `${what}, terminate(); by hand: the leader's exit event`, unit: 'ms', ours, theirs: reported }),
  ]
}

async function byUs(
  start: () => Promise<Group>,
  act: (target: KillTarget) => Termination | Promise<Termination>,
): Promise<number> {
  const { leader, members } = await start()
  using target = KillTarget.fromChild(leader)!
  const begin = performance.now()
  const { outcome, ended } = await act(target)
  const time = performance.now() - begin
  if (outcome !== 'exited' || ended !== 1 + members.length) throw new Error(`${outcome}: ${ended} exited`)
  await exit(leader)
  return time
}

async function byHand(
  start: () => Promise<Group>,
  exited: (leader: Group['leader']) => Promise<void>,
): Promise<number> {
  const { leader } = await start()
  const begin = performance.now()
  process.kill(-leader.pid!, 'SIGTERM')
  await exited(leader)
  const time = performance.now() - begin
  await exit(leader)
  return time
}

/** A zombie is still in the group. This ends because the leader reaps the other members, and Node reaps the leader. */
async function poll({ pid }: Group['leader']): Promise<void> {
  while (hasMembers(pid!)) await sleep(POLL_INTERVAL)
}

function hasMembers(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Resolves at the exit of the leader, which waits for all other members. Nothing can report that sooner. */
async function exit(leader: Group['leader']): Promise<void> {
  if (leader.exitCode === null && leader.signalCode === null) await once(leader, 'exit')
}
