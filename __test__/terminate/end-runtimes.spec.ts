import test from 'ava'
import { ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { ended, within } from '../helpers/processes.ts'
import { runIn, runtimes } from '../helpers/runtimes.ts'

const HAVE_EXECVE = new Set(['node-22', 'node-24', 'node-26', 'bun'])

for (const runtime of runtimes) {
  const skip = runtime.reason === undefined ? '' : ` (skipped: ${runtime.reason})`
  const declare = skip === '' ? test : test.skip

  declare(
    `${runtime.name} kills a process in a grace period that only a worker began, when it exits${skip}`,
    async (t) => {
      const child = await ignoresSigterm(t)
      const { result, stderr } = await runIn<boolean>(t, runtime, 'end-in-grace', child.pid, 'worker')
      t.deepEqual([result, stderr], [true, ''])
      t.is((await within(ended(child), 'the end')).signal, 'SIGKILL')
    },
  )

  declare(
    `${runtime.name} kills a process in a grace period before process.execve(), if it has that${skip}`,
    async (t) => {
      const child = await ignoresSigterm(t)
      const { result } = await runIn<boolean>(t, runtime, 'end-in-grace', child.pid, 'execve')
      if (result) t.is((await within(ended(child), 'the end')).signal, 'SIGKILL')
      else t.log('it has no process.execve')
      // The one that runs the tests may be any version.
      if (runtime.name !== 'node') t.is(result, HAVE_EXECVE.has(runtime.name))
    },
  )
}
