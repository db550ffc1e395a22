import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capabilities } from 'killtarget'
import { killNow } from '../helpers/kill-now.ts'
import { goOnUntil, hostOfPausing, makeFifo, noPausingGuard, paused, PAUSING, STEPS } from '../helpers/pausing-guard.ts'
import { ended, line, pids, read, sleeper, start } from '../helpers/processes.ts'
import { serialUnless } from '../helpers/test-unless.ts'

// One after the other: each starts a Node of its own, and a guard has so many steps.

/** Without pidfds only the guard can watch a host from inside a PID namespace, and a stopped guard does not. */
const noWatch = capabilities().pidfd ? undefined : 'without pidfds nothing in a PID namespace watches the host'

/** A host that starts a command, suspends it at a line until that has stopped all, and writes the states of all. */
const SUSPENDING = `
  import { once } from 'node:events'
  import { createRequire } from 'node:module'
  const [folder, isolation] = process.argv.slice(1)
  const { spawn, suspend, descendants, terminate } = createRequire(folder + '/')('./index.js')
  const child = spawn('sleep', ['600'], { isolation, stdio: 'ignore' })
  await once(process.stdin, 'data')
  // On a busy machine a start takes longer than suspend does.
  const all = () => suspend(child).then((left) => left.length === 0, ({ code }) => code !== 'ERR_TIMEOUT')
  const suspended = all()
  console.log('asked')
  for (let isDone = await suspended; !isDone; ) isDone = await all()
  process.stdin.destroy()
  console.log(JSON.stringify(descendants(child).map(({ state }) => state)))
  await terminate(child, { grace: 0 })
`

for (const isolation of ['reaper', 'pid-namespace']) {
  for (const step of STEPS.slice(1)) {
    serialUnless(
      noPausingGuard,
      `suspend at the step ${step} of a start stops the command, ${isolation}`,
      async (t) => {
        const { host, fifo } = await hostOfPausing(t, SUSPENDING, isolation, step)
        t.is(await line(host), 'asked')
        const told = line(host)
        let isOver = false
        void told.catch(() => {}).then(() => (isOver = true))
        await goOnUntil(fifo, () => isOver)
        t.deepEqual(JSON.parse(await told), ['T'])
        await ended(host)
      },
    )
  }
}

// A host that is not the guard's parent: the kernel does not continue the guard for it.
for (const isolation of ['reaper', 'pid-namespace']) {
  for (const step of ['keeper', 'opened', 'forked', 'let']) {
    serialUnless(
      noPausingGuard ?? (isolation === 'pid-namespace' ? noWatch : undefined),
      `nothing is left of a start of which the guard is stopped when its host ends, at the step ${step}, ${isolation}`,
      async (t) => {
        const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
        t.teardown(() => rmSync(folder, { recursive: true }))
        const fifo = makeFifo(folder)
        const host = sleeper(t)
        const options = [`--isolation=${isolation}`, '--grace=100', `--parent=${host.pid}`]
        const env = { ...process.env, KILLTARGET_TEST_PAUSE: `${step}:${fifo}` }
        const guard = start(t, PAUSING, [...options, '--', 'sleep', '600'], { env, stdio: 'ignore' })
        const left = () => pids().filter((pid) => read(pid, 'environ')?.includes(fifo))
        t.teardown(() => left().forEach(killNow))
        await paused(fifo, step)
        guard.kill('SIGSTOP')
        host.kill('SIGKILL')
        await ended(host)
        await goOnUntil(fifo, () => left().length === 0)
        t.pass()
      },
    )
  }
}
