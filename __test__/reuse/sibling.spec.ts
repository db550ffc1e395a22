import { truth } from '../helpers/kernel.ts'
import { gone, reuseTest, sees, untouched } from '../helpers/reuse.ts'

reuseTest('a child object is gone when opened again after a sibling got its pid', sees, 'sibling, first target kept', {
  ...gone,
  ...untouched,
  first: false,
})

reuseTest(
  'a child object is gone when opened again, also after its first target was closed',
  sees,
  'sibling, first target closed',
  {
    ...gone,
    ...untouched,
    first: 'ERR_TARGET_CLOSED',
  },
)

reuseTest(
  'a child object is gone when opened again, even if both children started in one clock tick',
  sees,
  'sibling in one tick',
  { ...gone, ...untouched },
  0.3,
)

reuseTest('a child object is gone when opened again, also after many clock ticks', sees, 'sibling of an old child', {
  ...gone,
  ...untouched,
})

reuseTest(
  'a child object is gone when opened again, even if the first target used the start time',
  sees,
  'sibling, first open at the limit',
  { ...gone, first: 'start-time', ...untouched },
  0.3,
)

reuseTest(
  'a child object is gone when opened again without a free file descriptor',
  sees,
  'sibling, second open at the limit',
  { ...gone, first: truth.method, ...untouched },
  0.3,
)
