import { contained } from 'killtarget'
import { NOBODY } from '../helpers/controlled-group.ts'
import { noGuard } from '../helpers/guard.ts'
import { named, noSetUid, noUsers, setUidTree, terminatedByUnprivileged } from '../helpers/other-users.ts'
import { ended, start, within } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { living, readTree } from '../helpers/tree.ts'

// With a grace period, and without one.
for (const [grace, how] of [
  [60_000, 'politely'],
  [0, 'at once'],
] as const) {
  testUnless(
    noGuard ?? noUsers ?? noSetUid(),
    `the set-uid programs of a contained command that its user may not signal are survivors, ended ${how}`,
    async (t) => {
      const { path, remove } = setUidTree()
      t.teardown(remove)
      const { file, args } = contained('sh', ['-c', '"$0" "one(r:two(three) four)" & wait', path])
      const root = start(t, file, args, { uid: NOBODY })
      const { pids, pid } = await readTree(root)
      const termination = await within(terminatedByUnprivileged(t, root.pid, grace), 'the end')
      t.is(termination.outcome, 'survived')
      t.deepEqual(named(termination), [
        [pid('two'), 'two', 'not-permitted'],
        [pid('three'), 'three', 'not-permitted'],
      ])
      t.deepEqual(living(pids), [pid('two'), pid('three')])
      // The guard waits for them, and is not a child that hangs.
      t.is(root.exitCode, null)
      for (const name of ['two', 'three']) process.kill(pid(name), 'SIGKILL')
      await ended(root)
      t.pass()
    },
  )
}
