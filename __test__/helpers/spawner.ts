import type { ExecutionContext } from 'ava'
import { fileURLToPath } from 'node:url'
import { type Child, line, start } from './processes.ts'
import { environmentOf, type Runtime } from './runtimes.ts'

const fixture = fileURLToPath(new URL('../fixtures/spawner.mjs', import.meta.url))

/** Starts the host of a contained command, and reads the pids of the guard and of the daemon, once the command has all its children. */
export async function startSpawner(t: ExecutionContext, runtime: Runtime, spawner: string) {
  const host: Child = start(t, runtime.path!, [...runtime.args, fixture, runtime.kind, spawner], {
    env: environmentOf(runtime),
  })
  const pids = new Map<string, number>()
  while (pids.size < 3) {
    const [name, pid] = (await line(host)).split(' ') as [string, string]
    pids.set(name, Number(pid))
  }
  return { host, guard: pids.get('guard')!, daemon: pids.get('daemon')! }
}
