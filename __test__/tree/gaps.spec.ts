import test from 'ava'
import type { Found } from '../fixtures/busy-threads.ts'
import { noCompiler } from '../helpers/compile.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { hasExited, number, shell, stat, until } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'

const RUNS = Number(process.env['KILLTARGET_TEST_GAPS'] ?? 12)
const TIMEOUT = 60_000 + 10_000 * RUNS

const reason = noCompiler || noPidNamespace
const busyTest = reason ? test.serial.skip : test.serial

for (const spawner of ['first', 'other', 'exited']) {
  for (const [session, way, proof] of [
    ['plain', 'plain', 'descendants'],
    ['session', 'detached', 'session'],
  ] as const) {
    const title = `terminate and descendants find the child that the ${spawner} thread of a busy process started: ${way}`
    busyTest(reason ? `${title} (skipped: ${reason})` : title, async (t) => {
      t.timeout(2 * TIMEOUT)
      const args = [spawner, session, way, String(RUNS)]
      const found = await inNamespace<Found>('busy-threads.ts', { args, timeout: TIMEOUT })
      t.deepEqual(found, { reports: { [`exited, 0 survivors, ${proof}`]: RUNS }, alive: 0, unlisted: 0 })
    })
  }
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
