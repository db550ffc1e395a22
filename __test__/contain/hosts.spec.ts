import { fileURLToPath } from 'node:url'
import { noCompiler } from '../helpers/compile.ts'
import { leavesNothing } from '../helpers/dying-hosts.ts'
import { noGuard } from '../helpers/guard.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import { serialUnless } from '../helpers/test-unless.ts'

const DEATHS = Number(process.env['KILLTARGET_TEST_DEATHS'] ?? 10)

/** A host is killed between the start of Node and a moment when the command runs, on a busy machine. */
const LENGTH = { deaths: DEATHS, moments: 200_000, each: 1000, rest: 120_000 }

const host = fileURLToPath(new URL('../fixtures/host-spawns.mjs', import.meta.url))

for (const [where, place] of [
  ['thread', 'the main thread'],
  ['worker', 'a worker'],
] as const) {
  serialUnless(
    noGuard ?? noCompiler ?? noPidNamespace ?? undefined,
    `no process is left if a program that calls spawn in ${place} is killed at a random moment`,
    (t) => {
      const program = [process.execPath, host, where, 'sh', '-c', 'setsid sleep 600 & exec sleep 600']
      return leavesNothing(t, LENGTH, ['exec', ...program])
    },
  )
}
