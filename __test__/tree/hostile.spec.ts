import test, { type ExecutionContext } from 'ava'
import type { Found as Ends } from '../fixtures/hostile-tree-exits.ts'
import type { Found } from '../fixtures/hostile-trees.ts'
import { noCompiler } from '../helpers/compile.ts'
import type { Way } from '../helpers/hostile-tree.ts'
import { kernel, truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'

const RUNS = Number(process.env['KILLTARGET_TEST_TREES'] ?? 3)

/** Milliseconds: of a tree on a machine that is busy with much else, and of the rest. */
const [A_TREE, THE_REST] = [5000, 60_000]

/** Who of each tree is out of scope and lives on. */
type Left = Record<string, number>

/** Of those who come and go too fast to be counted. */
const SOME = Infinity

const roots = {
  detached: 'whose root leads a session',
  grouped: 'whose root leads a group',
  plain: 'whose root leads nothing',
}
const proofs = { detached: 'session', grouped: 'group', plain: 'descendants' }

/** One at a time: they are many processes each, which don't rest. */
const reason = noCompiler || noPidNamespace
const hostileTest = reason ? test.serial.skip : test.serial
const skipped = reason ? ` (skipped: ${reason})` : ''

async function terminated(t: ExecutionContext, kind: string, way: Way, runs: number): Promise<Found> {
  const timeout = THE_REST + runs * A_TREE
  t.timeout(timeout + THE_REST)
  const found = await inNamespace<Found>('hostile-trees.ts', { args: [kind, way, String(runs)], timeout })
  t.log(`${kernel}, ${kind}, ${way}: ${runs} trees, of ${found.ended.join(' to ')} processes`)
  return found
}

const survives = test.macro({
  title: (_, kind: string, way: Way, left: Left = {}, _outcome?: string) => {
    const who = Object.keys(left).length === 0 ? 'nobody survives' : 'only who is out of scope survives'
    return `${who} of a hostile tree ${roots[way]}: ${kind}${skipped}`
  },
  async exec(t, kind: string, way: Way, left: Left = {}, outcome: string = 'killed') {
    // The deeper a fork is, the longer the kernel takes for it.
    const runs = kind === 'chain' ? Math.ceil(RUNS / 5) : RUNS
    const found = await terminated(t, kind, way, runs)
    for (const who of Object.keys(left)) if (left[who] === SOME) delete found.left[who]
    const counted = Object.entries(left).filter(([, count]) => count !== SOME)
    const { reports, alive, hasty } = found
    if (hasty > 0) t.log(`in ${hasty} of them the time was too short, and that was reported`)
    t.true(hasty <= runs / 2, `${hasty} of ${runs} did not come to rest`)
    const sure = runs - hasty
    // All at once, so that a failure shows all that was found.
    t.deepEqual(
      { reports, alive, left: found.left },
      {
        reports: { [`${outcome}, 0 survivors, ${proofs[way]}`]: sure },
        alive: Object.keys(left).length === 0 ? 0 : sure,
        left: Object.fromEntries(counted.map(([who, count]) => [who, count * sure])),
      },
    )
    // Elsewhere the group of a root that leads one may be signalled by its number.
    if (truth.raceFree && (truth.capabilities.groupSignal || way === 'plain')) t.is(found.raceFree, runs)
  },
})

const ends = test.macro({
  title: (_, kind: string, way: Way) =>
    `a process that exits in the middle of a sweep leaves nobody stopped or alive of a tree ${roots[way]}: ${kind}${skipped}`,
  async exec(t, kind: string, way: Way) {
    const timeout = THE_REST + RUNS * A_TREE
    t.timeout(timeout + THE_REST)
    const { exits } = await inNamespace<Ends>('hostile-tree-exits.ts', { args: [kind, way, String(RUNS)], timeout })
    t.log(`${kernel}, ${kind}, ${way}: ${exits.early} of ${RUNS} exits were in the middle`)
    t.deepEqual(exits, { early: exits.early, late: RUNS - exits.early })
  },
})

const kinds = [
  'wide',
  'chain',
  'ignores-sigterm',
  'stopped',
  'storm',
  'storm-groups',
  'storm-sessions',
  'late-sessions',
  'vfork',
  'supervisor',
  'threads',
  'names',
]
for (const kind of kinds) {
  hostileTest(survives, kind, 'detached')
  hostileTest(survives, kind, 'plain')
}

// In the group they are met before they are found as children, or after that.
for (const kind of ['storm-sessions', 'late-sessions', 'supervisor']) hostileTest(survives, kind, 'grouped')

hostileTest(survives, 'comet', 'detached')
hostileTest(survives, 'comet', 'plain', { 'no descendant, in our session': SOME })

hostileTest(survives, 'comet-sessions', 'detached', { 'no descendant, in another session': SOME })
hostileTest(survives, 'comet-sessions', 'plain', { 'no descendant, in another session': SOME })

hostileTest(survives, 'reparented', 'detached')
// The two in the session of a child are found by that.
hostileTest(survives, 'reparented', 'plain', { 'no descendant, in our session': 8 })

hostileTest(survives, 'daemon', 'detached', { 'no descendant, in another session': 2 })
hostileTest(survives, 'daemon', 'plain', { 'no descendant, in another session': 2 })

if (truth.capabilities.groupSignal) {
  hostileTest(survives, 'rootless', 'detached')
} else {
  hostileTest(
    `who is left by a root that was reaped is named where nothing tells whose they are${skipped}`,
    async (t) => {
      const { reports, left } = await terminated(t, 'rootless', 'detached', RUNS)
      // In turn it was reaped, or not yet: then its number is its own.
      const reaped = Math.ceil(RUNS / 2)
      t.deepEqual(reports, {
        'survived, 12 survivors, unverified, best-effort': reaped,
        ...(RUNS > 1 ? { 'killed, 0 survivors, session': RUNS - reaped } : {}),
      })
      t.deepEqual(left, { "no descendant, in the root's session, named": reaped * 12 })
    },
  )
}
hostileTest(survives, 'rootless', 'plain', { 'no descendant, in our session': 12 }, 'gone')

for (const kind of ['storm', 'storm-groups', 'storm-sessions', 'stopped']) {
  hostileTest(ends, kind, 'detached')
  hostileTest(ends, kind, 'plain')
}
