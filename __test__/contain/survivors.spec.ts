import type { Found } from '../fixtures/contained-trees.ts'
import { noCompiler } from '../helpers/compile.ts'
import { noGuard } from '../helpers/guard.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { serialUnless } from '../helpers/test-unless.ts'

/** Those of `hostile-tree.c`. */
const KINDS =
  `wide chain ignores-sigterm stopped storm storm-groups storm-sessions late-sessions vfork supervisor threads names
  comet comet-groups comet-sessions reparented daemon`.split(/\s+/)

const RUNS = process.env['KILLTARGET_TEST_CONTAINED'] ?? '1'

/** A plain child leads no group that could be signalled for it alone. */
const WAYS = {
  detached: ['guard', 'keeper', 'command', 'request', 'polite', 'host', 'group'],
  plain: ['guard', 'keeper', 'command', 'request', 'polite', 'host'],
}

/** It takes seconds to start 500 processes below one another. */
const WAYS_OF_CHAIN = { detached: ['guard', 'host'] }

for (const kind of KINDS) {
  serialUnless(
    noGuard ?? noCompiler ?? noPidNamespace ?? undefined,
    `no process of ${kind} survives under a guard`,
    async (t) => {
      const timeout = 120_000 + Number(RUNS) * 20_000
      t.timeout(timeout * 2)
      for (const [way, ends] of Object.entries(kind === 'chain' ? WAYS_OF_CHAIN : WAYS)) {
        const found = await inNamespace<Found>('contained-trees.ts', { args: [kind, way, RUNS, ...ends], timeout })
        t.deepEqual(found, { runs: Number(RUNS) * ends.length, survived: [], guards: [], late: [] }, way)
      }
    },
  )
}
