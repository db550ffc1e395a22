import test from 'ava'
import { HELD } from '../fixtures/reuse-group.ts'
import { noCompiler } from '../helpers/compile.ts'
import { tellsFreePids, tellsReusedGroups } from '../helpers/kernel.ts'
import { canLimitPids } from '../helpers/pid-limit.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { boundToExited, reuseTest, sees, untouched } from '../helpers/reuse.ts'

/** A signal to the group of a reaped leader reaches all members. */
const group = {
  afterLeader: { signal: false, members: 2 },
  afterGroup: { signalPg: true, members: 0 },
  afterAll: { signalPg: false },
  ...boundToExited,
  ...untouched,
}

reuseTest(
  'a target from a pid signals the group of its reaped leader, and no later group',
  sees,
  'group from pid',
  group,
)

reuseTest(
  'a target from a child signals the group of its reaped leader, and no later group',
  sees,
  'group from child',
  group,
  0.3,
)

/** The leader of the successor's session is over, too. */
const session = { ...boundToExited, inherited: true, orphanLives: true }

// The count of the starts does not show that a privileged process has chosen the pid.
if (tellsReusedGroups) {
  reuseTest(
    "a target from a pid does not signal the successor's orphan, which has the pid as its sid and pgid",
    sees,
    'session, from pid',
    session,
  )

  reuseTest(
    "a target from a child does not signal the successor's orphan, which has the pid as its sid and pgid",
    sees,
    'session, from child',
    session,
    0.3,
  )
}

// Where the kernel does not tell whether a pid was free, neither does the count of the starts.
if (tellsFreePids) {
  reuseTest(
    "a token is not taken for the session of the successor's orphan",
    sees,
    'session, from token',
    { opened: 'gone', inherited: true, orphanLives: true },
    0.3,
  )
}

const noCircle =
  noCompiler ?? noPidNamespace ?? (canLimitPids() ? undefined : 'this kernel has too many pids to assign them all')
const inTurn = noCircle === undefined ? test.serial : test.serial.skip

inTurn('targets do not signal the sessions of processes that are given their pids after all others', async (t) => {
  // Each assigns all pids once.
  const rounds = process.env['KILLTARGET_TEST_CIRCLES'] ?? '1'
  const timeout = 60_000 + Number(rounds) * 60_000
  t.timeout(timeout + 60_000)
  const seen = await inNamespace<object[]>('reuse.ts', { args: ['sessions, after a circle', rounds], timeout })
  const { raceFree, ...nothing } = boundToExited
  const unproven = { signalPg: 'ENOSYS', terminateGroup: 'ENOSYS', terminateTree: 'survived' }
  const attempts = tellsReusedGroups ? nothing : { ...nothing, ...unproven }
  t.deepEqual(seen, [{ times: Number(rounds) * HELD, ...attempts, raceFree, inherited: true, orphanLives: true }])
})

inTurn('a token is not taken for the session of a process that is given its pid after all others', async (t) => {
  t.timeout(180_000)
  const seen = await inNamespace<object[]>('reuse.ts', { args: ['tokens, after a circle', '1'], timeout: 120_000 })
  t.deepEqual(seen, [
    { times: HELD, opened: tellsFreePids ? 'gone' : 'ERR_IDENTITY_UNAVAILABLE', inherited: true, orphanLives: true },
  ])
})
