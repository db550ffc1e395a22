import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { promisify } from 'node:util'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { namespaceCommand, noPidNamespace } from '../helpers/namespace.ts'
import { noStrace } from '../helpers/strace.ts'
import { serialUnless } from '../helpers/test-unless.ts'

const fixture = fileURLToPath(new URL('../fixtures/stops.py', import.meta.url))
const noPython = spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no Python'
const skip = noGuard ?? noPython ?? noPidNamespace ?? undefined

/** How often each check runs its trials. */
const LENGTH = Number(process.env['KILLTARGET_TEST_STOPS'] ?? 1)

/** Runs a check in its own PID namespace. */
async function assertNoneFails(t: ExecutionContext, check: string, trials: number, options: string[] = []) {
  t.timeout(LENGTH * 300_000)
  const [file, ...args] = namespaceCommand(['python3', fixture, check, GUARD, String(trials), ...options])
  const { stdout } = await promisify(execFile)(file!, args, { timeout: LENGTH * 280_000, killSignal: 'SIGKILL' })
  t.deepEqual(JSON.parse(stdout), { trials, failed: 0 })
}

const CHECKS = [
  ['itself', 100, 'a command that stops itself runs on at each SIGCONT to its guard'],
  ['terminated', 20, 'a command that has stopped itself exits at SIGTERM and SIGCONT to its guard'],
  ['from_outside', 100, 'a SIGCONT to a guard at any moment of its stop continues its command'],
  ['killed', 30, 'a guard exits although its command is killed at any moment of its stop'],
  ['directly', 50, 'a guard runs on although its command is continued at any moment of its stop'],
  ['stopped', 20, 'a guard and its command stop at SIGTSTP although a SIGCONT came just before'],
  ['twice', 20, 'a guard and its command stop with their group after two SIGCONTs to it'],
  ['order', 8, 'of a SIGCONT and a stop of the group of a guard, the last counts although the guard is late'],
  ['mixed', 50, 'of the stops and SIGCONTs to a guard and its group, the last one counts'],
  ['once', 20, 'a command gets a SIGCONT to the group of its guard once'],
  ['again', 4, 'a guard stops with its command although that stops twice before the guard has answered'],
  ['keeper', 30, 'a guard passes on signals although its keeper is stopped at any moment of its stop'],
  ['free', 2, 'nothing is free if the group of a guard was stopped and the keeper is killed'],
  ['group', 100, 'a SIGCONT to the group of a guard that is just continued is asked about'],
] as const

for (const isolation of ['reaper', 'pid-namespace']) {
  for (const [check, trials, title] of CHECKS) {
    serialUnless(skip, `${title}: ${isolation}`, (t) =>
      assertNoneFails(t, check, trials * LENGTH, [`--isolation=${isolation}`]),
    )
  }
}

serialUnless(skip, 'a late answer of the witness is not taken for another one', (t) => assertNoneFails(t, 'late', 2))

serialUnless(skip, 'no command outlives its host although its guard, and then the keeper, was stopped', (t) =>
  assertNoneFails(t, 'host', 2),
)

serialUnless(skip, 'a watch runs its command although the group of its host is ended as soon as it watches', (t) =>
  assertNoneFails(t, 'watch', 20),
)

serialUnless(skip ?? noStrace, 'a guard that a tracer holds continues with its command', (t) =>
  assertNoneFails(t, 'traced', 3),
)
