import test from 'ava'
import { noGuard } from '../helpers/guard.ts'
import { reuseTest, sees } from '../helpers/reuse.ts'

const guardTest = noGuard === undefined ? reuseTest : test.serial.skip

guardTest(
  'a target from a guard that has exited leaves the guard alone that got its pid',
  sees,
  'guard',
  { suspended: 0, terminate: 'gone', terminateSync: 'gone', successor: 0 },
  0.4,
)
