import { KillTarget } from 'killtarget'
import { inNamespace } from '../helpers/namespace.ts'
import { gone, reuseTest } from '../helpers/reuse.ts'

const REUSES = Number(process.env['KILLTARGET_TEST_REUSES'] ?? 50)

/** The reused pids of each restart, and the processes that live on. */
const [EACH, LIVING] = [50, 5]

reuseTest('a program that is started again tells by their tokens which processes are the same', async (t) => {
  const restarts = Math.ceil(REUSES / EACH)
  const timeout = 60_000 + restarts * 20_000
  t.timeout(timeout + 60_000)
  const target = KillTarget.fromPid(process.pid)
  const args = [String(restarts), String(EACH), target.token()!]
  target.close()
  const seen = await inNamespace<object[]>('reuse-restarts.ts', { args, timeout })
  t.log(`${restarts * EACH} reuses, over ${restarts} restarts`)
  t.deepEqual(
    new Set(seen),
    new Set([
      { times: restarts, opened: 'ERR_IDENTITY_UNAVAILABLE' },
      { times: restarts * LIVING, isAlive: true, seen: 'killed' },
      { times: restarts * EACH, isAlive: false, seen: gone },
      { times: restarts * LIVING, living: 'SIGKILL' },
      { times: restarts * EACH, successor: 0 },
    ]),
  )
})
