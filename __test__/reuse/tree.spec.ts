import { reuseTest, sees, untouched } from '../helpers/reuse.ts'

const ended = { survivors: 0, ...untouched }

reuseTest(
  'who is given the number of a member of a tree, after that was found and before all are killed in one step, is left alone',
  sees,
  'between, in the group',
  { outcome: 'killed', proof: 'session', ...ended },
)

reuseTest(
  'so is he where each of the tree is stopped and killed by itself',
  sees,
  'between, in the tree',
  { outcome: 'killed', proof: 'descendants', ...ended },
  0.3,
)

reuseTest(
  'and where they are asked politely',
  sees,
  'between, politely',
  { outcome: 'exited', proof: 'descendants', ...ended },
  0.3,
)
