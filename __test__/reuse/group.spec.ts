import { truth } from '../helpers/kernel.ts'
import { boundToExited, reuseTest, sees, untouched } from '../helpers/reuse.ts'

const { groupSignal } = truth.capabilities

/** A signal to the group of a leader that was reaped reaches all of its members, or nobody where it can't be theirs alone. */
const group = {
  afterLeader: { signal: false, members: 2 },
  afterGroup: groupSignal ? { signalPg: true, members: 0 } : { signalPg: 'ENOSYS', members: 2 },
  afterAll: { signalPg: false },
  ...boundToExited,
  ...untouched,
}

reuseTest('the group of a leader that was reaped is signalled, and no later one', sees, 'group from pid', group)

reuseTest('the group of a child that was reaped is signalled, and no later one', sees, 'group from child', group, 0.3)

const session = {
  ...boundToExited,
  signalPg: groupSignal ? false : 'ENOSYS',
  terminateGroup: groupSignal ? 'gone' : 'ENOSYS',
  // Nothing tells whose session that is.
  terminateTree: 'survived',
  inherited: true,
  orphanLives: true,
}

reuseTest(
  'a target from a pid leaves alone the child that a successor left in a session and group of its number',
  sees,
  'session, from pid',
  session,
)

reuseTest(
  'a target from a child leaves alone the child that a successor left in a session and group of its number',
  sees,
  'session, from child',
  session,
  0.3,
)
