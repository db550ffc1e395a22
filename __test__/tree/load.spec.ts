import test from 'ava'
import type { Found as After } from '../fixtures/descriptors-after.ts'
import type { Found as Large } from '../fixtures/large-tree.ts'
import type { Found as Several } from '../fixtures/terminate-trees.ts'
import { noCompiler } from '../helpers/compile.ts'
import { found } from '../helpers/fixture.ts'
import { truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { testUnless } from '../helpers/test-unless.ts'

const TREES = 8

for (const [what, description, outcome] of [
  ['ends-at-sigterm', 'root(g:one(4*two) s:three(4*four) 10*five(six))', 'exited'],
  ['ignores-sigterm', 'i:root(ig:one(4*i:two) is:three(4*i:four) 10*i:five(i:six))', 'killed'],
] as const) {
  testUnless(
    noCompiler,
    `terminate ends ${TREES} trees at once, each by its own thread with its own report: ${what}`,
    async (t) => {
      const size = 31
      const isProved = ({ proof }: Several['reports'][number], place: number) =>
        proof === (place % 2 === 1 ? 'session' : 'descendants')
      // On a busy machine a tree may not stop in time to be seen whole.
      for (let tries = 0; tries < 5; tries++) {
        const { reports, alive, left } = await found<Several>(t, 'terminate-trees.ts', { args: [TREES, description] })
        t.is(alive, TREES * size)
        t.is(left, 0)
        t.is(reports.length, TREES)
        for (const report of reports) t.like(report, { outcome, ended: size, survivors: [] })
        if (reports.every(isProved)) return
        t.true(reports.every((report, place) => report.proof === 'best-effort' || isProved(report, place)))
      }
      t.fail('some proof was best-effort each time')
    },
  )
}

/** Describes a chain of processes: each is the parent of the next. */
const chain = (length: number): string => (length === 1 ? 'one' : `one(${chain(length - 1)})`)

interface Shape {
  what: string
  description: string
  size: number
  bystanders?: number
  /** How the system differs, as an option of `inNamespace`. */
  unshare?: string[]
}

const shapes: Shape[] = [
  { what: 'a tree of 2,000 processes', description: 'root(2000*one)', size: 2001 },
  { what: 'a deep tree', description: `root(${chain(200)})`, size: 201 },
  { what: 'a deep and wide tree', description: 'root(10*one(10*two(10*three)))', size: 1111 },
  { what: 'a tree in many groups and sessions', description: 'root(10*s:one(10*g:two(5*three)))', size: 611 },
  { what: 'a tree beside 3,000 other processes', description: 'root(10*one(10*two))', size: 111, bystanders: 3000 },
  {
    what: 'a tree with more processes than file descriptors',
    description: 'root(10*one(10*two(5*g:three)))',
    size: 611,
    unshare: ['--pid', '--fork', '--mount-proc', 'sh', '-c', 'ulimit -n 256; "$@"; exit $?', 'sh'],
  },
]

// One at a time: each test starts many processes.
const none = noCompiler || noPidNamespace || undefined
const largeTest = none === undefined ? test.serial : test.serial.skip

for (const { what, description, size, bystanders = 0, unshare } of shapes) {
  // What the root of `terminate` is; that of `terminateSync` is the other.
  for (const [options, outcome, first] of [
    [{ grace: 60_000, killTimeout: 60_000 }, 'exited', 'plain'],
    [{ grace: 0, killTimeout: 60_000 }, 'killed', 'detached'],
  ] as const) {
    const title = `terminate leaves no process of ${what}, and signals no other: ${outcome}`
    largeTest(none === undefined ? title : `${title} (skipped: ${none})`, async (t) => {
      t.timeout(180_000)
      const seen = await inNamespace<Large>('large-tree.ts', {
        args: [description, String(bystanders), JSON.stringify(options), first],
        timeout: 150_000,
        ...(unshare && { unshare }),
      })
      t.is(seen.bystanders, bystanders)
      t.is(seen.runs.length, 2)
      for (const { how, report, ...counts } of seen.runs) {
        t.deepEqual(counts, { started: size, found: size - 1, left: 0 }, how)
        const proof = how.endsWith('detached') ? 'session' : 'descendants'
        t.like(report, { outcome, ended: size, survivors: [], proof }, how)
        // SIGKILL to the group uses its pgid where the kernel has nothing else. A busy machine needs one for each process.
        const mayUsePgid = !truth.capabilities.groupSignal && proof === 'session' && outcome === 'killed'
        // Without a free descriptor a process is verified by its start time.
        if (!mayUsePgid) t.is(report.raceFree, truth.raceFree && unshare === undefined, how)
      }
    })
  }
}

largeTest('the descriptors of a call for a tree are closed when it resolves', async (t) => {
  const more = await inNamespace<After>('descriptors-after.ts', { timeout: 150_000 })
  // Another thread may be closing the last one.
  for (const [call, count] of Object.entries(more)) t.true(count < 10, `${call}: ${count}`)
})
