import { execFileSync } from 'node:child_process'
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noGuard } from '../helpers/guard.ts'
import { killNow } from '../helpers/kill-now.ts'
import { ended, number, pids, program, read, until, within } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** A guard that pauses at the step of its start that a variable names. */
const PAUSING = fileURLToPath(new URL('../../target/test-pauses-guard', import.meta.url))
const reason = noGuard ?? (existsSync(PAUSING) ? undefined : 'npm test builds target/test-pauses-guard')

/** The steps of a start, in their order: of the guard, of the keeper, and of the command's process. */
const STEPS = [
  'begun',
  'hosts',
  'keeper',
  'keeper-begun',
  'opened',
  'forked',
  'sent',
  'prepared',
  'command',
  'let',
  'execute',
]

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
        reason,
        `nothing is left of a start that ends by SIGKILL to its ${ends} at the step ${step}, ${isolation}`,
        async (t) => {
          const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
          t.teardown(() => rmSync(folder, { recursive: true }))
          const fifo = join(folder, 'fifo')
          execFileSync('mkfifo', [fifo])
          const env = { ...process.env, KILLTARGET_TEST_PAUSE: `${step}:${fifo}` }
          const host = program(t, HOST, [PAUSING, `--isolation=${isolation}`], { env })
          const guard = await number(host)
          // All that has been started has the variable.
          const left = () => pids().filter((pid) => pid !== host.pid && read(pid, 'environ')?.includes(fifo))
          t.teardown(() => left().forEach(killNow))

          await (await within(open(fifo), `the step ${step}`)).close()
          t.true(left().includes(guard))
          host.kill('SIGKILL')
          await ended(host)
          if (ends !== 'host') killNow(guard)
          await until(() => {
            goOn(fifo)
            return left().length === 0
          })
          t.pass()
        },
      )
    }
  }
}

/** Lets a process go on that pauses, if there is one. */
function goOn(fifo: string): void {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch {}
}
