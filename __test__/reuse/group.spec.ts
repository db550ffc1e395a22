import { truth } from '../helpers/kernel.ts'
import { boundToExited, reuseTest, sees, untouched } from '../helpers/reuse.ts'

const { exitInfo, groupSignal } = truth.capabilities

/** A signal to the group of a reaped leader reaches all members. Without group signals it reaches no process. */
const group = {
  afterLeader: { signal: false, members: 2 },
  afterGroup: groupSignal ? { signalPg: true, members: 0 } : { signalPg: 'ENOSYS', members: 2 },
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

const session = {
  ...boundToExited,
  signalPg: groupSignal ? false : 'ENOSYS',
  terminateGroup: groupSignal ? 'gone' : 'ENOSYS',
  // Kernels that have the status of a reaped process also know the owner of its session. On others that cannot be verified.
  terminateTree: exitInfo ? 'gone' : 'survived',
  inherited: true,
  orphanLives: true,
}

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
