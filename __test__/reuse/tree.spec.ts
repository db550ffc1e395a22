import { pausedReuseTest, sees, untouched } from '../helpers/reuse.ts'

const ended = { survivors: 0, ...untouched }

pausedReuseTest(
  'terminate does not signal the successor of a member of a session that it kills at once',
  sees,
  'between, in the group',
  // The choice of the pid has turned the last pid back, so nothing tells what was started.
  { outcome: 'killed', proof: 'best-effort', ...ended },
)

pausedReuseTest(
  'terminate does not signal the successor of a member of a tree that it kills one by one',
  sees,
  'between, in the tree',
  { outcome: 'killed', proof: 'descendants', ...ended },
  0.3,
)

pausedReuseTest(
  'terminate does not send the polite signal to the successor of a member of a tree',
  sees,
  'between, politely',
  { outcome: 'exited', proof: 'descendants', ...ended },
  0.3,
)
