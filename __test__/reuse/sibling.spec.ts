import { truth } from '../helpers/kernel.ts'
import { gone, reuseTest, sees, untouched } from '../helpers/reuse.ts'

reuseTest(
  'a child object that is opened again when a new sibling has its number is gone',
  sees,
  'sibling, first target kept',
  { ...gone, ...untouched, first: false },
)

reuseTest('so it is when the first target was closed at once', sees, 'sibling, first target closed', {
  ...gone,
  ...untouched,
  first: 'ERR_TARGET_CLOSED',
})

reuseTest(
  'so it is when both children were started in the same clock tick',
  sees,
  'sibling in one tick',
  { ...gone, ...untouched },
  0.3,
)

reuseTest('so it is when the first child lived for many clock ticks', sees, 'sibling of an old child', {
  ...gone,
  ...untouched,
})

reuseTest(
  'so it is when the first target was held by its start time, and there are file descriptors again',
  sees,
  'sibling, first open at the limit',
  { ...gone, first: 'start-time', ...untouched },
  0.3,
)

reuseTest(
  'so it is when no file descriptor is left meanwhile',
  sees,
  'sibling, second open at the limit',
  { ...gone, first: truth.method, ...untouched },
  0.3,
)
