import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killNow } from '../helpers/kill-now.ts'
import { goOnUntil, hostOfPausing, makeFifo, noPausingGuard, paused, PAUSING, STEPS } from '../helpers/pausing-guard.ts'
import { ended, line, number, pids, program, read } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** A host that starts a guard with a command that has a daemon, and writes the pid of the guard. */
const HOST = `
  import { spawn } from 'node:child_process'
  const [guard, ...args] = process.argv.slice(1)
  const options = ['--grace=100', \`--parent=\${process.pid}\`, ...args]
  const command = ['sh', '-c', 'setsid sleep 600 & exec sleep 600']
  console.log(spawn(guard, [...options, '--', ...command], { stdio: 'ignore' }).pid)
`

for (const isolation of ['reaper', 'pid-namespace']) {
  for (const ends of ['host', 'host and guard']) {
    for (const step of STEPS) {
      testUnless(
        noPausingGuard,
        `nothing is left of a start that ends by SIGKILL to its ${ends} at the step ${step}, ${isolation}`,
        async (t) => {
          const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
          t.teardown(() => rmSync(folder, { recursive: true }))
          const fifo = makeFifo(folder)
          const env = { ...process.env, KILLTARGET_TEST_PAUSE: `${step}:${fifo}` }
          const host = program(t, HOST, [PAUSING, `--isolation=${isolation}`], { env })
          const guard = await number(host)
          // All that has been started has the variable.
          const left = () => pids().filter((pid) => pid !== host.pid && read(pid, 'environ')?.includes(fifo))
          t.teardown(() => left().forEach(killNow))

          await paused(fifo, step)
          t.true(left().includes(guard))
          host.kill('SIGKILL')
          await ended(host)
          if (ends !== 'host') killNow(guard)
          await goOnUntil(fifo, () => left().length === 0)
          t.pass()
        },
      )
    }
  }
}

/** A host that starts a command, terminates it at a line, and writes how it has ended, and the proof. */
const TERMINATING = `
  import { once } from 'node:events'
  import { createRequire } from 'node:module'
  const [folder, isolation] = process.argv.slice(1)
  const { spawn, terminate } = createRequire(folder + '/')('./index.js')
  const child = spawn('sleep', ['600'], { isolation, stdio: 'ignore' })
  child.once('exit', (code, signal) => console.log(signal))
  await once(process.stdin, 'data')
  const ending = terminate(child, { grace: 60_000, onStep: ({ kind }) => console.log(kind) })
  process.stdin.destroy()
  console.log((await ending).proof)
`

for (const [isolation, proof] of [
  ['reaper', 'reaper'],
  ['pid-namespace', 'kernel'],
] as const) {
  for (const step of STEPS.slice(1)) {
    testUnless(
      noPausingGuard,
      `a polite signal at the step ${step} of a start ends the command, ${isolation}`,
      async (t) => {
        const { host, fifo } = await hostOfPausing(t, TERMINATING, isolation, step)
        const seen = [await line(host)]
        const exits = ended(host)
        let isOver = false
        void exits.finally(() => (isOver = true))
        await goOnUntil(fifo, () => isOver)
        for (let next = await line(host).catch(() => null); next !== null; next = await line(host).catch(() => null)) {
          seen.push(next)
        }
        t.true(seen.includes('SIGTERM'), seen.join())
        t.false(seen.includes('kill'), seen.join())
        t.is(seen.at(-1), proof)
      },
    )
  }
}
