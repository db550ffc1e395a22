import type { Found } from '../fixtures/long-grace.ts'
import { noCompiler } from '../helpers/compile.ts'
import { inNamespace, inSession, noPidNamespace } from '../helpers/namespace.ts'
import { testUnless } from '../helpers/test-unless.ts'

const SECONDS = Number(process.env['KILLTARGET_TEST_GRACE'] ?? 3)

/** The trees have about 100 processes at a time. One descriptor for each that was ever seen would be thousands. */
const MOST_DESCRIPTORS = 800

/** In MB. */
const MOST_MEMORY = 100

/** A long run has more kinds. */
const more = SECONDS < 10 ? [] : ['comet', 'comet-groups', 'storm', 'storm-groups']

for (const kind of ['storm-sessions', ...more]) {
  const title = `what a grace of ${SECONDS} s holds is bounded while a tree forks and exits without pause: ${kind}`
  testUnless(noCompiler ?? noPidNamespace ?? undefined, title, async (t) => {
    const timeout = SECONDS * 1000 + 120_000
    t.timeout(2 * timeout)
    const found = await inNamespace<Found>('long-grace.ts', {
      args: [kind, String(SECONDS)],
      timeout,
      unshare: inSession,
    })
    const { descriptors, memory, ...report } = found
    t.log(`descriptors: ${JSON.stringify(descriptors)}; memory: ${JSON.stringify(memory)}`)
    t.true(Math.max(descriptors.first, descriptors.last) - descriptors.before < MOST_DESCRIPTORS)
    t.true(Math.max(memory.first, memory.last) - memory.before < MOST_MEMORY)
    // On a busy machine a tree may not stop forking in time. Then the report says so.
    if (report.proof === 'best-effort') return
    t.deepEqual(report, { outcome: 'killed', proof: 'session', survivors: 0, alive: false })
  })
}
