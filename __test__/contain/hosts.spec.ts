import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { noGuard } from '../helpers/guard.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import { serialUnless } from '../helpers/test-unless.ts'

const DEATHS = process.env['KILLTARGET_TEST_DEATHS'] ?? '10'

/** Microseconds: from before the start of Node until the command runs, on a busy machine. */
const MOMENTS = '200000'

const host = fileURLToPath(new URL('../fixtures/host-spawns.mjs', import.meta.url))

for (const [where, place] of [
  ['thread', 'the main thread'],
  ['worker', 'a worker'],
] as const) {
  serialUnless(
    noGuard ?? noCompiler ?? noPidNamespace ?? undefined,
    `no process is left if a program that calls spawn in ${place} is killed at a random moment`,
    async (t) => {
      const timeout = 120_000 + Number(DEATHS) * 1000
      t.timeout(timeout * 2)
      const program = [process.execPath, host, where, 'sh', '-c', 'setsid sleep 600 & exec sleep 600']
      const hosts = [compiled('dying-hosts'), DEATHS, MOMENTS, 'exec', ...program]
      const unshare = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
      const { stdout } = await promisify(execFile)('setpriv', [...unshare, ...hosts], { timeout })
      t.is(stdout, '0\n')
    },
  )
}
