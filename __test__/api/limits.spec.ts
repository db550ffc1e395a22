import test, { type ExecutionContext } from 'ava'
import type { Found as Again } from '../fixtures/again.ts'
import type { Found as Exhausted, Pids } from '../fixtures/exhausted.ts'
import type { Found as Many } from '../fixtures/many.ts'
import { found } from '../helpers/fixture.ts'
import { truth } from '../helpers/kernel.ts'
import { type Child, ended, grandchild, number, shell, sleeper, state, until } from '../helpers/processes.ts'

const opens = Number(process.env['KILLTARGET_TEST_OPENS'] ?? 100_000)
const MEBIBYTE = 2 ** 20

const everything = { ...truth.capabilities, proc: true, raceFree: truth.raceFree }
const asEver = { method: truth.method, raceFree: truth.raceFree, isAlive: true, sent: true }
const asBestItCan = { method: 'start-time', raceFree: false, isAlive: true, sent: true }

const exhausted = test.macro(async (t, tried: boolean) => {
  const [early, late, bystander] = [sleeper(t), sleeper(t), sleeper(t)]
  const [stopped, zombie, ledGroup] = [sleeper(t), await grandchild(t), await group(t)]
  stopped.kill('SIGSTOP')
  await until(() => state(stopped.pid) === 'T', 'it to stop')
  await zombie.becomeZombie()

  const pids: Pids = {
    early: early.pid,
    late: late.pid,
    stopped: stopped.pid,
    zombie: zombie.pid,
    leader: ledGroup.leader.pid,
  }
  const few = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh']
  const { capabilities, afterwards, ...seen } = await found<Exhausted>(t, 'exhausted.ts', {
    args: [JSON.stringify(pids), tried],
    launcher: few,
  })

  t.deepEqual(seen, {
    early: tried ? asEver : null,
    late: asBestItCan,
    stopped: asBestItCan,
    zombie: { ...asBestItCan, isAlive: false },
    leader: asBestItCan,
    gone: { method: 'gone', raceFree: true, isAlive: false, sent: false },
    child: { ...asBestItCan, endedBy: 'SIGTERM', again: { isAlive: false, sent: false } },
  } as typeof seen)
  if (tried) t.deepEqual((await ended(early)).signal, 'SIGTERM')
  else t.is(state(early.pid), 'S')
  t.is((await ended(late)).signal, 'SIGTERM')
  t.is((await ended(stopped)).signal, 'SIGKILL')
  t.is((await ended(ledGroup.leader)).signal, 'SIGTERM')
  await until(() => [undefined, 'Z'].includes(state(ledGroup.member)), 'the member to end')
  t.is(state(bystander.pid), 'S')

  t.like(afterwards, { method: truth.method, capabilities: everything })
  // A target that is opened without a free descriptor is not race-free, on any kernel.
  t.false(capabilities.raceFree)
  if (truth.raceFree) t.regex(capabilities.reason!, /EMFILE/)
})

test('targets use the start time without a free file descriptor, and say so', exhausted, true)
test('even the first target of a process uses the start time without a free file descriptor', exhausted, false)

const twice = test.macro(async (t, atLimit: 'first' | 'second') => {
  const { first, again } = await found<Again>(t, 'again.ts', { args: [atLimit] })
  const free = { method: truth.method, isAlive: true, sent: true }
  const limited = { ...free, method: 'start-time' }
  const expected = atLimit === 'first' ? { first: limited, again: free } : { first: free, again: limited }
  t.deepEqual({ first, again }, expected as Again)
})

test('a child that was opened without a free file descriptor is the same child when opened again', twice, 'first')
test('a child that is opened again without a free file descriptor is the same child', twice, 'second')

test.serial(`${opens} targets that are opened and closed leak nothing`, async (t) => {
  const { methods, open, left, grown } = await many(t, opens)
  t.deepEqual({ methods, open, left }, { methods: [truth.method], open: 0, left: 0 })
  t.log(`memory: ${(grown / MEBIBYTE).toFixed(1)} MiB more`)
  t.true(grown < 16 * MEBIBYTE, `${grown} bytes more`)
})

test.serial('garbage-collected targets are closed in the next turns of the event loop', async (t) => {
  const { methods, open, left } = await many(t, 10_000, 'dropped')
  t.deepEqual({ methods, open, left }, { methods: [truth.method], open: 10_000, left: 0 })
})

function many(t: ExecutionContext, count: number, ...how: 'dropped'[]): Promise<Many> {
  return found(t, 'many.ts', { args: [sleeper(t).pid, count, ...how] })
}

async function group(t: ExecutionContext): Promise<{ leader: Child; member: number }> {
  const leader = shell(t, 'sleep 600 & echo $!; wait', { detached: true })
  return { leader, member: await number(leader) }
}
