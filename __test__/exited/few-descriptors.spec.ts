import type { Found } from '../fixtures/many-pids.ts'
import { isUserModeLinux } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** User-mode Linux takes minutes to start thousands of processes. */
const PROCESSES = Number(process.env['KILLTARGET_TEST_PIDS'] ?? (isUserModeLinux ? 500 : 2000))
const DESCRIPTORS = Number(process.env['KILLTARGET_TEST_DESCRIPTORS'] ?? 256)

testUnless(
  noPidNamespace ?? undefined,
  `waitOrKill resolves for each of ${PROCESSES} pids with ${DESCRIPTORS} file descriptors`,
  async (t) => {
    t.timeout(120_000)
    const args = [String(PROCESSES), String(DESCRIPTORS)]
    const found = await inNamespace<Found>('many-pids.ts', { args, timeout: 100_000 })
    t.log(found)
    t.like(found, { resolved: PROCESSES, errors: {} })
    t.true(found.left <= 0)
  },
)
