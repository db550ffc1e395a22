import test from 'ava'
import type { Found } from '../fixtures/busy-threads.ts'
import { noCompiler } from '../helpers/compile.ts'
import { isUserModeLinux } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { hasExited, number, shell, stat, until } from '../helpers/processes.ts'
import { inRuntime, oneOfEachKind, type Runtime } from '../helpers/runtimes.ts'
import { open } from '../helpers/target.ts'
import { serialUnless } from '../helpers/test-unless.ts'

const RUNS = Number(process.env['KILLTARGET_TEST_GAPS'] ?? 8)
const TIMEOUT = 60_000 + 10_000 * RUNS

/** User-mode Linux takes minutes to start thousands of processes. */
const BYSTANDERS = isUserModeLinux ? 100 : 1000

interface Case {
  runtime: Runtime
  spawner: 'first' | 'other' | 'exited'
  isDetached: boolean
  others: number
}

const all: Case[] = oneOfEachKind.flatMap((runtime) =>
  [0, BYSTANDERS].flatMap((others) =>
    (['first', 'other', 'exited'] as const).flatMap((spawner) =>
      [false, true].map((isDetached) => ({ runtime, spawner, isDetached, others })),
    ),
  ),
)

/** A long run has all. Otherwise each spawner by Node alone, and everything else by one spawner. */
const few = all.filter(({ runtime, spawner, others }) =>
  spawner === 'first' ? others === 0 || runtime.kind === 'node' : runtime.kind === 'node' && others === 0,
)

for (const { runtime, spawner, isDetached, others } of RUNS < 50 ? few : all) {
  const way = isDetached ? 'detached' : 'plain'
  const beside = others === 0 ? '' : `, beside ${others} other children of pid 1`
  serialUnless(
    noCompiler ?? noPidNamespace ?? runtime.reason,
    `terminate and descendants in ${runtime.name} find the child that the ${spawner} thread of a busy process started: ${way}${beside}`,
    async (t) => {
      t.timeout(2 * TIMEOUT)
      const args = [spawner, isDetached ? 'session' : 'plain', way, String(RUNS), String(others)]
      const found = await inNamespace<Found>('busy-threads.ts', { ...inRuntime(runtime), args, timeout: TIMEOUT })
      const report = `exited, 0 survivors, ${isDetached ? 'session' : 'descendants'}`
      t.deepEqual(found, { reports: { [report]: RUNS }, alive: 0, unlisted: 0 })
    },
  )
}

test('terminate finds a process in the session of its root if its parent is an orphan in another session', async (t) => {
  // The inner shell takes a session after it has started a process. Its own parent exits.
  const inner = 'sleep 600 >&2 & echo $!; echo $$; exec setsid sleep 600 >&2'
  const root = shell(t, `(sh -c '${inner}' &); read -r line`, { detached: true })
  const [child, orphan] = [await number(root), await number(root)]
  await until(() => stat(orphan)?.sid === orphan)
  t.is(stat(child)!.sid, root.pid)
  const report = await open(t, root.pid).terminate({ grace: 20_000, killTimeout: 20_000 })
  t.like(report, { outcome: 'exited', ended: 2, survivors: [], proof: 'session' })
  t.true(hasExited(child))
  t.false(hasExited(orphan))
})
