import type { ExecutionContext } from 'ava'
import { fileURLToPath } from 'node:url'
import { noGuard } from '../helpers/guard.ts'
import { type Child, ended, line, start, stat, until } from '../helpers/processes.ts'
import { environmentOf, runIn, runtimes } from '../helpers/runtimes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const fixture = fileURLToPath(new URL('../fixtures/spawner.mjs', import.meta.url))

/** What starts programs, by the runtime that has it. */
const SPAWNERS: Record<string, string[]> = {
  node: ['spawn', 'child_process', 'execa', 'tinyexec', 'zx', 'shell', 'worker', 'fork', 'cluster'],
  bun: ['spawn', 'child_process', 'bun'],
  deno: ['spawn', 'child_process', 'deno'],
}

const some = runtimes.filter(({ name }) => name in SPAWNERS)

/** Starts the host of a contained command, and reads the pids of the guard and of the daemon. */
async function begin(t: ExecutionContext, runtime: (typeof some)[number], spawner: string) {
  const host: Child = start(t, runtime.path!, [...runtime.args, fixture, runtime.kind, spawner], {
    env: environmentOf(runtime),
  })
  const pids = new Map<string, number>()
  while (pids.size < 2) {
    const [name, pid] = (await line(host)).split(' ') as [string, string]
    pids.set(name, Number(pid))
  }
  return { host, guard: pids.get('guard')!, daemon: pids.get('daemon')! }
}

for (const runtime of some) {
  for (const spawner of SPAWNERS[runtime.name]!) {
    const reason = noGuard ?? runtime.reason
    testUnless(
      reason,
      `terminate ends the daemon of a command that ${spawner} has started in ${runtime.name}`,
      async (t) => {
        const { host, guard, daemon } = await begin(t, runtime, spawner)
        host.stdin.end()
        const report = (await line(host)).replace('report ', '')
        t.deepEqual(JSON.parse(report), { outcome: 'exited', ended: 3, proof: 'reaper' })
        for (const pid of [guard, daemon]) t.true(stat(pid) === undefined || stat(pid)!.state === 'Z')
        await ended(host)
      },
    )

    testUnless(reason, `nothing that ${spawner} has started in ${runtime.name} outlives its host`, async (t) => {
      const { host, guard, daemon } = await begin(t, runtime, spawner)
      host.kill('SIGKILL')
      await until(() => stat(daemon) === undefined && stat(guard) === undefined)
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
    ].map(([code, path]) => {
      return { code, path, syscall: `spawn ${path}`, spawnargs: ['a'], isNamed: true, target: null }
    })
    t.deepEqual(result, expected)
  })
}
