import test, { type ExecutionContext } from 'ava'
import type { Found as Ends } from '../fixtures/hostile-tree-exits.ts'
import type { Found } from '../fixtures/hostile-trees.ts'
import { noCompiler } from '../helpers/compile.ts'
import type { Way } from '../helpers/hostile-tree.ts'
import { isUserModeLinux, kernel, truth } from '../helpers/kernel.ts'
import { inNamespace, inSession, noPidNamespace } from '../helpers/namespace.ts'
import { inRuntime, oneOfEachKind, type Runtime } from '../helpers/runtimes.ts'

const RUNS = Number(process.env['KILLTARGET_TEST_TREES'] ?? 2)

/** Milliseconds on a busy machine: for one tree, and for everything else. */
const [A_TREE, THE_REST] = [5000, 60_000]

/** User-mode Linux takes minutes to start thousands of processes. */
const BYSTANDERS = isUserModeLinux ? 100 : 1000

/** The processes of each tree that are out of scope and survive. */
type Left = Record<string, number>

/** Stands for processes that fork and exit too fast to be counted. */
const SOME = Infinity

const otherRuntimes = oneOfEachKind.filter(({ kind, reason }) => kind !== 'node' && reason === undefined)

const roots = {
  detached: 'with a root that leads a session',
  grouped: 'with a root that leads a group',
  plain: 'with a root that leads nothing',
}
const proofs = { detached: 'session', grouped: 'group', plain: 'descendants' }

/** Runs one tree at a time: each has many busy processes. */
const reason = noCompiler || noPidNamespace
const hostileTest = reason ? test.serial.skip : test.serial
const skipped = reason ? ` (skipped: ${reason})` : ''

interface Setting {
  outcome?: string
  /** The other children of pid 1. */
  others?: number
  runtime?: Runtime
}

async function terminated(t: ExecutionContext, kind: string, way: Way, runs: number, setting: Setting): Promise<Found> {
  const { others = 0, runtime } = setting
  const timeout = THE_REST + runs * A_TREE
  t.timeout(timeout + THE_REST)
  const found = await inNamespace<Found>('hostile-trees.ts', {
    ...(runtime && inRuntime(runtime)),
    args: [kind, way, String(runs), String(others)],
    timeout,
    // The fixture raises the priority of its session, which must not be that of the tests.
    unshare: inSession,
  })
  t.log(`${kernel}, ${kind}, ${way}: ${runs} trees, of ${found.ended.join(' to ')} processes`)
  return found
}

const survives = test.macro({
  title: (_, kind: string, way: Way, left: Left = {}, { others = 0, runtime }: Setting = {}) => {
    const what = Object.keys(left).length === 0 ? 'no process survives' : 'only processes out of scope survive'
    const beside = others === 0 ? '' : `, beside ${others} other children of pid 1`
    const where = runtime === undefined ? '' : ` in ${runtime.name}`
    return `${what}${where} of a hostile tree ${roots[way]}: ${kind}${beside}${skipped}`
  },
  async exec(t, kind: string, way: Way, left: Left = {}, setting: Setting = {}) {
    const { outcome = 'killed' } = setting
    // The deeper the tree, the longer the kernel takes for a fork.
    const runs = kind === 'chain' ? Math.ceil(RUNS / 5) : RUNS
    let found = await terminated(t, kind, way, runs, setting)
    // Other programs may keep the processors busy for a while.
    for (let more = 2; more > 0 && found.hasty > runs / 2; more--) {
      found = await terminated(t, kind, way, runs, setting)
    }
    for (const kept of Object.keys(left)) if (left[kept] === SOME) delete found.left[kept]
    const counted = Object.entries(left).filter(([, count]) => count !== SOME)
    const { reports, alive, hasty } = found
    if (hasty > 0) t.log(`the time was too short in ${hasty} of them, and the reports said so`)
    const sure = runs - hasty
    // User-mode Linux has one processor, which a storm may keep busy until the time is over.
    if (isUserModeLinux && sure === 0) return t.pass()
    t.true(hasty <= runs / 2, `${hasty} of ${runs} trees did not stop forking in time`)
    // All at once, so that a failure shows all that was found.
    t.deepEqual(
      { reports, alive, left: found.left },
      {
        reports: { [`${outcome}, 0 survivors, ${proofs[way]}`]: sure },
        alive: Object.keys(left).length === 0 ? 0 : sure,
        left: Object.fromEntries(counted.map(([kept, count]) => [kept, count * sure])),
      },
    )
    // Without group signals, the group that the root leads may be signalled by its pgid.
    if (truth.raceFree && (truth.capabilities.groupSignal || way === 'plain')) t.is(found.raceFree, runs)
  },
})

const ends = test.macro({
  title: (_, kind: string, way: Way) =>
    `a process that exits during a sweep leaves no process stopped or alive of a tree ${roots[way]}: ${kind}${skipped}`,
  async exec(t, kind: string, way: Way) {
    const timeout = THE_REST + RUNS * A_TREE
    t.timeout(timeout + THE_REST)
    const { exits } = await inNamespace<Ends>('hostile-tree-exits.ts', { args: [kind, way, String(RUNS)], timeout })
    t.log(`${kernel}, ${kind}, ${way}: ${exits.early} of ${RUNS} exits came before the report`)
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

// A scan finds these processes as members of the group before it finds them as children, or after that.
for (const kind of ['storm-sessions', 'late-sessions', 'supervisor']) hostileTest(survives, kind, 'grouped')

hostileTest(survives, 'comet', 'detached')
hostileTest(survives, 'comet', 'plain', { 'no descendant, in our session': SOME })

// A member may be reaped after pid 1's children are listed and before it is examined. Its child is not in that list.
// A long run does the same in each runtime.
const isLong = RUNS > 5
for (const runtime of [undefined, ...otherRuntimes]) {
  for (const bystanders of [0, BYSTANDERS]) {
    const setting = { others: bystanders, ...(runtime && { runtime }) }
    if (!isLong && runtime !== undefined && bystanders === 0) continue
    hostileTest(survives, 'comet-groups', 'detached', {}, setting)
    if (!isLong && runtime !== undefined) continue
    hostileTest(survives, 'comet-groups', 'plain', { 'no descendant, in our session': SOME }, setting)
  }
}

hostileTest(survives, 'comet-sessions', 'detached', { 'no descendant, in another session': SOME })
hostileTest(survives, 'comet-sessions', 'plain', { 'no descendant, in another session': SOME })

hostileTest(survives, 'reparented', 'detached')
// The scan finds two orphans by the session of a child.
hostileTest(survives, 'reparented', 'plain', { 'no descendant, in our session': 8 })

hostileTest(survives, 'daemon', 'detached', { 'no descendant, in another session': 2 })
hostileTest(survives, 'daemon', 'plain', { 'no descendant, in another session': 2 })

hostileTest(survives, 'rootless', 'detached')
hostileTest(survives, 'rootless', 'plain', { 'no descendant, in our session': 12 }, { outcome: 'gone' })

for (const kind of ['storm', 'storm-groups', 'storm-sessions', 'stopped']) {
  hostileTest(ends, kind, 'detached')
  hostileTest(ends, kind, 'plain')
}
