import { boundToExited, gone, verifiedByStartTime, reuseTest, sees, untouched } from '../helpers/reuse.ts'

reuseTest('a signal by number hits the successor that has it now', sees, 'by number', { successor: 'SIGKILL' }, 0.1)

reuseTest('a target from a pid leaves alone who has its number now', sees, 'from pid', {
  ...boundToExited,
  ...untouched,
})

reuseTest('a target from a child leaves alone who has its number now', sees, 'from child', {
  ...boundToExited,
  ...untouched,
})

reuseTest('a target that was gone when opened leaves alone who has its number now', sees, 'opened too late', {
  ...gone,
  ...untouched,
})

reuseTest('a child object whose number is of a child of another process is gone', sees, 'child of another', {
  ...gone,
  ...untouched,
})

reuseTest(
  'a target from a pid that is held by its start time, as no file descriptor is left, leaves alone who has its number now',
  sees,
  'from pid at the limit',
  { ...verifiedByStartTime, ...untouched },
)

reuseTest(
  'a target from a child that is held by its start time leaves alone who has its number now',
  sees,
  'from child at the limit',
  { ...verifiedByStartTime, ...untouched },
)

/** A thread's id is no process's, neither by number nor as a child; a thread takes long to start. */
const thread = { reopened: { fromPid: 'ERR_NOT_A_PROCESS', fromChild: 'gone' } }

reuseTest(
  'a target leaves alone the process of which a thread has its number now',
  sees,
  'thread, from pid',
  { ...boundToExited, ...thread },
  0.1,
)

reuseTest(
  'a target that is held by its start time leaves alone the process of which a thread has its number now',
  sees,
  'thread, from pid at the limit',
  { ...verifiedByStartTime, ...thread },
  0.1,
)
