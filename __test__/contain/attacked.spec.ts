import { contained } from 'killtarget'
import { GUARD, keeperOf, noGuard } from '../helpers/guard.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import { ended, hasExited, line, start, stat, until } from '../helpers/processes.ts'
import { runtimes } from '../helpers/runtimes.ts'
import { startSpawner } from '../helpers/spawner.ts'
import { testUnless } from '../helpers/test-unless.ts'

const node = runtimes.find(({ name }) => name === 'node')!

testUnless(noGuard, 'terminate ends all below a guard that was stopped before its keeper was killed', async (t) => {
  const { host, guard, daemon } = await startSpawner(t, node, 'spawn')
  const keeper = keeperOf(guard)
  process.kill(guard, 'SIGSTOP')
  await until(() => stat(guard)?.state === 'T')
  process.kill(keeper, 'SIGKILL')
  await until(() => hasExited(keeper))
  host.stdin.end()
  const { outcome, proof } = JSON.parse((await line(host)).replace('report ', '')) as Record<string, unknown>
  t.deepEqual({ outcome, proof }, { outcome: 'killed', proof: 'best-effort' })
  t.true([guard, daemon].every(hasExited))
  await ended(host)
})

// Outside of the namespace there are the guard and other processes of the user. Inside, the keeper is pid 1.
for (const attack of ['kill -KILL 1', 'kill -KILL -1', 'kill -KILL 0', 'kill -STOP 1; kill -KILL 1 $PPID']) {
  testUnless(
    noGuard ?? noPidNamespace ?? undefined,
    `a command in a PID namespace frees no daemon by ${attack}`,
    async (t) => {
      const command = `setsid -f sh -c 'echo $$; exec sleep 600'; read go; ${attack}`
      const { file, args } = contained('sh', ['-c', command], { isolation: 'pid-namespace' })
      t.is(file, GUARD)
      const guard = start(t, file, args, { detached: true })
      await line(guard)
      const keeper = keeperOf(guard.pid)
      guard.stdin.end('\n')
      await ended(guard)
      // A guard that was killed exits before its keeper does.
      await until(() => hasExited(keeper))
      t.pass()
    },
  )
}
