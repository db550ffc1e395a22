import { boundToExited, gone, verifiedByStartTime, reuseTest, sees, untouched } from '../helpers/reuse.ts'

reuseTest('process.kill signals the successor after pid reuse', sees, 'by number', { successor: 'SIGKILL' }, 0.1)

reuseTest('a target from a pid does not signal the successor', sees, 'from pid', {
  ...boundToExited,
  ...untouched,
})

reuseTest('a target from a child does not signal the successor', sees, 'from child', {
  ...boundToExited,
  ...untouched,
})

reuseTest('a target that was gone when opened does not signal the successor', sees, 'opened too late', {
  ...gone,
  ...untouched,
})

reuseTest('a target from a token does not signal the successor', sees, 'from token', {
  ...gone,
  ...untouched,
})

reuseTest(
  'a target from a token that uses the start time, for want of a file descriptor, does not signal the successor',
  sees,
  'from token at the limit',
  { ...gone, ...untouched },
)

reuseTest("a child object is gone after another process's child got its pid", sees, 'child of another', {
  ...gone,
  ...untouched,
})

reuseTest(
  'a target from a pid that uses the start time, for want of a file descriptor, does not signal the successor',
  sees,
  'from pid at the limit',
  { ...verifiedByStartTime, ...untouched },
)

reuseTest(
  'a target from a child that uses the start time does not signal the successor',
  sees,
  'from child at the limit',
  { ...verifiedByStartTime, ...untouched },
)

/** A thread id is refused as a pid and as a child's. Starting a thread is slow, so these cases run fewer rounds. */
const thread = { reopened: { fromPid: 'ERR_NOT_A_PROCESS', fromChild: 'gone' } }

reuseTest(
  'a target does not signal a process after one of its threads got the pid',
  sees,
  'thread, from pid',
  { ...boundToExited, ...thread },
  0.1,
)

reuseTest(
  'a target that uses the start time does not signal a process after one of its threads got the pid',
  sees,
  'thread, from pid at the limit',
  { ...verifiedByStartTime, ...thread },
  0.1,
)
