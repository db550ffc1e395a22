import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { KillTarget, type Termination } from 'killtarget'
import { ratio } from './compare.ts'
import { type Group, startGroup, startGroupOfOne } from './group.ts'
import type { Report, Row } from './results.ts'
import { inTurns } from './turns.ts'

/** Milliseconds, as it is often written. */
const PAUSE = 10

/** From the call until everyone in a process group is over. */
export async function terminate(): Promise<Report> {
  return {
    title: `SIGTERM to a process group, until all are over; by hand: process.kill, and a look every ${PAUSE} ms`,
    against: 'by hand',
    rows: [
      ...(await rows('100 processes', () => startGroup(99), 40)),
      ...(await rows('1 process', startGroupOfOne, 100)),
    ],
  }
}

async function rows(what: string, start: () => Promise<Group>, rounds: number): Promise<Row[]> {
  const { ours, blocking, polled, told } = await inTurns(
    {
      ours: () => byUs(start, (target) => target.terminate({ scope: 'group' })),
      blocking: () => byUs(start, (target) => target.terminateSync({ scope: 'group' })),
      polled: () => byHand(start, poll),
      told: () => byHand(start, exit),
    },
    rounds,
  )
  return [
    ratio({ what: `${what}, terminate()`, unit: 'ms', ours, theirs: polled }),
    ratio({ what: `${what}, terminateSync()`, unit: 'ms', ours: blocking, theirs: polled }),
    ratio({ what: `${what}, terminate(); by hand: the leader's exit event`, unit: 'ms', ours, theirs: told }),
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
  if (outcome !== 'exited' || ended !== 1 + members.length) throw new Error(`${outcome}: ${ended} have ended`)
  await exit(leader)
  return time
}

async function byHand(start: () => Promise<Group>, over: (leader: Group['leader']) => Promise<void>): Promise<number> {
  const { leader } = await start()
  const begin = performance.now()
  process.kill(-leader.pid!, 'SIGTERM')
  await over(leader)
  const time = performance.now() - begin
  await exit(leader)
  return time
}

/** Who was not reaped is still in the group: this ends only because the leader reaps the others, and Node the leader. */
async function poll({ pid }: Group['leader']): Promise<void> {
  while (isThere(pid!)) await sleep(PAUSE)
}

function isThere(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Enough where the leader waits for all others, and as soon as it can be told. */
async function exit(leader: Group['leader']): Promise<void> {
  if (leader.exitCode === null && leader.signalCode === null) await once(leader, 'exit')
}
