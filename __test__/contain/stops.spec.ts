import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { promisify } from 'node:util'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { namespaceCommand, noPidNamespace } from '../helpers/namespace.ts'
import { testUnless } from '../helpers/test-unless.ts'

const fixture = fileURLToPath(new URL('../fixtures/stops.py', import.meta.url))
const noPython = spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no Python'
const skip = noGuard ?? noPython ?? noPidNamespace ?? undefined

/** Runs a check in its own PID namespace. */
async function assertNoneFails(t: ExecutionContext, check: string, trials: number, options: string[] = []) {
  t.timeout(300_000)
  const [file, ...args] = namespaceCommand(['python3', fixture, check, GUARD, String(trials), ...options])
  const { stdout } = await promisify(execFile)(file!, args, { timeout: 280_000, killSignal: 'SIGKILL' })
  t.deepEqual(JSON.parse(stdout), { trials, failed: 0 })
}

for (const isolation of ['reaper', 'pid-namespace']) {
  const options = [`--isolation=${isolation}`]

  testUnless(skip, `a command that stops itself runs on at each SIGCONT to its guard: ${isolation}`, (t) =>
    assertNoneFails(t, 'itself', 200, options),
  )

  testUnless(skip, `a command that has stopped itself exits at SIGTERM and SIGCONT to its guard: ${isolation}`, (t) =>
    assertNoneFails(t, 'terminated', 40, options),
  )

  testUnless(skip, `a SIGCONT to a guard at any moment of its stop continues its command: ${isolation}`, (t) =>
    assertNoneFails(t, 'from_outside', 300, options),
  )
}

testUnless(skip, 'a SIGCONT to the group of a guard that is just continued is asked about', (t) =>
  assertNoneFails(t, 'group', 200),
)

testUnless(skip, 'a late answer of the witness is not taken for another one', (t) => assertNoneFails(t, 'late', 2))

testUnless(skip, 'no command outlives its host although its guard, and then the keeper, was stopped', (t) =>
  assertNoneFails(t, 'host', 2),
)

testUnless(skip, 'a watch runs its command although the group of its host is ended as soon as it watches', (t) =>
  assertNoneFails(t, 'watch', 20),
)
