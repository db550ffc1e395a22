import type { Found } from '../fixtures/contained-trees.ts'
import { noCompiler } from '../helpers/compile.ts'
import { noGuard } from '../helpers/guard.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { serialUnless } from '../helpers/test-unless.ts'

/** Those of `hostile-tree.c`. */
const KINDS =
  `wide chain ignores-sigterm stopped storm storm-groups storm-sessions late-sessions vfork supervisor threads names
  comet comet-groups comet-sessions reparented daemon`.split(/\s+/)

/** Without a number of runs, only a part of the combinations is tried. */
const RUNS = process.env['KILLTARGET_TEST_CONTAINED']

const SIGNALS = ['guard', 'keeper', 'command', 'request', 'polite', 'host']

/** Calls of the API, with a target on the guard. */
const CALLS = ['terminate', 'terminate-now', 'terminate-sync', 'abort', 'killed-first']

/** The same, with a target on the parent of the guard. */
const CALLS_FOR_HOST = ['terminate-host', 'terminate-host-now', 'terminate-host-sync']

const ENDS = [...SIGNALS, ...CALLS, ...CALLS_FOR_HOST]

interface Way {
  way: string
  isolation: string
  ends: string[]
}

/** The ways to start and to end the guard. A plain child leads no group that could be signalled for it alone. */
const WAYS: Way[] = [
  { way: 'detached', isolation: 'reaper', ends: [...ENDS, 'group'] },
  { way: 'plain', isolation: 'reaper', ends: ENDS },
  // Only the kernel can end all if guard and keeper are killed at once.
  { way: 'detached', isolation: 'pid-namespace', ends: [...ENDS, 'group', 'both'] },
]

const [DETACHED, PLAIN, NAMESPACE] = WAYS as [Way, Way, Way]

/** Those whose processes leave the command in different ways. */
const OFTEN = new Set([
  'wide',
  'stopped',
  'vfork',
  'threads',
  'storm-sessions',
  'comet-sessions',
  'reparented',
  'daemon',
])

function waysOf(kind: string): Way[] {
  if (RUNS !== undefined) return WAYS
  // It takes seconds to start 500 processes below one another.
  if (kind === 'chain') return []
  if (!OFTEN.has(kind)) return [{ ...DETACHED, ends: ['host'] }]
  return kind === 'daemon' ? [DETACHED, { ...PLAIN, ends: ['host'] }, NAMESPACE] : [DETACHED]
}

for (const kind of KINDS.filter((name) => waysOf(name).length > 0)) {
  serialUnless(
    noGuard ?? noCompiler ?? noPidNamespace ?? undefined,
    `no process of ${kind} survives under a guard`,
    async (t) => {
      const runs = Number(RUNS ?? 1)
      const timeout = 120_000 + runs * 20_000
      t.timeout(timeout * 3)
      for (const { way, isolation, ends } of waysOf(kind)) {
        const args = [kind, way, isolation, String(runs), ...ends]
        const found = await inNamespace<Found>('contained-trees.ts', { args, timeout })
        const expected = { runs: runs * ends.length, survived: [], guards: [], reports: [], late: [] }
        t.deepEqual(found, expected, `${way}, ${isolation}`)
      }
    },
  )
}
