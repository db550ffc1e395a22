import { execFileSync } from 'node:child_process'
import { closeSync, constants, copyFileSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { killNow } from '../helpers/kill-now.ts'
import { ended, line, number, pids, program, read, sleeper, start, until, within } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

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

// A host that is not the guard's parent: the kernel does not continue the guard for it.
for (const isolation of ['reaper', 'pid-namespace']) {
  for (const step of STEPS.slice(STEPS.indexOf('keeper'))) {
    testUnless(
      reason,
      `nothing is left of a start of which the guard is stopped when its host ends, at the step ${step}, ${isolation}`,
      async (t) => {
        const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
        t.teardown(() => rmSync(folder, { recursive: true }))
        const fifo = join(folder, 'fifo')
        execFileSync('mkfifo', [fifo])
        const host = sleeper(t)
        const options = [`--isolation=${isolation}`, '--grace=100', `--parent=${host.pid}`]
        const env = { ...process.env, KILLTARGET_TEST_PAUSE: `${step}:${fifo}` }
        const guard = start(t, PAUSING, [...options, '--', 'sleep', '600'], { env, stdio: 'ignore' })
        const left = () => pids().filter((pid) => read(pid, 'environ')?.includes(fifo))
        t.teardown(() => left().forEach(killNow))
        await (await within(open(fifo), `the step ${step}`)).close()
        guard.kill('SIGSTOP')
        host.kill('SIGKILL')
        await ended(host)
        await until(() => {
          goOn(fifo)
          return left().length === 0
        })
        t.pass()
      },
    )
  }
}

/** A copy of the package with a guard that pauses, as its guard is known by its file. */
function pausingPackage(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const files = readdirSync(root).filter((name) => /^(?:index\.js|main\.js|package\.json|.*\.node)$/.test(name))
  for (const name of files) copyFileSync(join(root, name), join(folder, name))
  copyFileSync(PAUSING, join(folder, basename(GUARD)))
  return folder
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
    testUnless(reason, `a polite signal at the step ${step} of a start ends the command, ${isolation}`, async (t) => {
      const folder = pausingPackage(t)
      const fifo = join(folder, 'fifo')
      execFileSync('mkfifo', [fifo])
      const env = { ...process.env, KILLTARGET_TEST_PAUSE: `${step}:${fifo}` }
      const host = program(t, TERMINATING, [folder, isolation], { env })
      await (await within(open(fifo), `the step ${step}`)).close()
      host.stdin.write('.')
      const seen = [await line(host)]
      const exits = ended(host)
      let isOver = false
      void exits.finally(() => (isOver = true))
      await until(() => {
        goOn(fifo)
        return isOver
      })
      for (let next = await line(host).catch(() => null); next !== null; next = await line(host).catch(() => null)) {
        seen.push(next)
      }
      t.true(seen.includes('SIGTERM'), seen.join())
      t.false(seen.includes('kill'), seen.join())
      t.is(seen.at(-1), proof)
    })
  }
}

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
    testUnless(reason, `suspend at the step ${step} of a start stops the command, ${isolation}`, async (t) => {
      const folder = pausingPackage(t)
      const fifo = join(folder, 'fifo')
      execFileSync('mkfifo', [fifo])
      const env = { ...process.env, KILLTARGET_TEST_PAUSE: `${step}:${fifo}` }
      const host = program(t, SUSPENDING, [folder, isolation], { env })
      await (await within(open(fifo), `the step ${step}`)).close()
      host.stdin.write('.')
      t.is(await line(host), 'asked')
      const told = line(host)
      let isOver = false
      void told.catch(() => {}).then(() => (isOver = true))
      await until(() => {
        goOn(fifo)
        return isOver
      })
      t.deepEqual(JSON.parse(await told), ['T'])
      await ended(host)
    })
  }
}

/** Lets a process go on that pauses, if there is one. */
function goOn(fifo: string): void {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch {}
}
