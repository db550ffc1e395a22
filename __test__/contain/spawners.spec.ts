import { noGuard } from '../helpers/guard.ts'
import { ended, hasExited, line, until } from '../helpers/processes.ts'
import { runIn, runtimes } from '../helpers/runtimes.ts'
import { startSpawner } from '../helpers/spawner.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** What starts programs, by the runtime that has it. */
const SPAWNERS: Record<string, string[]> = {
  node: ['spawn', 'child_process', 'execa', 'tinyexec', 'zx', 'shell', 'worker', 'fork', 'cluster'],
  bun: ['spawn', 'child_process', 'bun'],
  deno: ['spawn', 'child_process', 'deno'],
}

const some = runtimes.filter(({ name }) => name in SPAWNERS)

for (const runtime of some) {
  for (const spawner of SPAWNERS[runtime.name]!) {
    const reason = noGuard ?? runtime.reason
    testUnless(
      reason,
      `terminate ends the daemon of a command that ${spawner} has started in ${runtime.name}`,
      async (t) => {
        const { host, guard, daemon } = await startSpawner(t, runtime, spawner)
        host.stdin.end()
        const report = (await line(host)).replace('report ', '')
        t.deepEqual(JSON.parse(report), { outcome: 'exited', ended: 3, proof: 'reaper' })
        for (const pid of [guard, daemon]) t.true(hasExited(pid))
        await ended(host)
      },
    )

    testUnless(reason, `nothing that ${spawner} has started in ${runtime.name} outlives its host`, async (t) => {
      const { host, guard, daemon } = await startSpawner(t, runtime, spawner)
      host.kill('SIGKILL')
      await until(() => [daemon, guard].every(hasExited))
      t.pass()
    })
  }
}

for (const runtime of some) {
  testUnless(noGuard ?? runtime.reason, `spawn emits the errors of a start in ${runtime.name}`, async (t) => {
    const { result } = await runIn<unknown>(t, runtime, 'spawn-errors')
    const expected = [
      ['ENOENT', 'no-such-program'],
      ['EACCES', '/etc/passwd'],
      // Its working directory does not exist.
      ['ENOENT', 'true'],
    ].map(([code, path]) => {
      return { code, path, syscall: `spawn ${path}`, spawnargs: ['a'], isNamed: true, target: null }
    })
    t.deepEqual(result, expected)
  })
}
