import { openSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noGuard } from '../helpers/guard.ts'
import { ended, line, program, read, sleeper, start } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { watchesOf } from '../helpers/watches.ts'

// The list that `killOnExit` writes for its watch.

/** Arms and disarms in a thread or in a worker, then once more if it is asked to, and tells when that is done. */
const DISARMED = `
  import { createRequire } from 'node:module'
  import { Worker } from 'node:worker_threads'
  const { killOnExit } = createRequire(process.cwd() + '/')('killtarget')
  const arm = (pid) => killOnExit(Number(pid))
  if (process.argv[1] === 'worker') {
    const source = \`
      const { workerData } = require('node:worker_threads')
      const { killOnExit } = require('node:module').createRequire(process.cwd() + '/')('killtarget')
      killOnExit(workerData)[Symbol.dispose]()\`
    new Worker(source, { eval: true, execArgv: [], workerData: Number(process.argv[2]) }).once('exit', () => console.log('disarmed'))
  } else {
    arm(process.argv[2])[Symbol.dispose]()
    console.log('disarmed')
  }
  process.stdin.once('data', () => {
    arm(process.argv[2])
    console.log('armed')
  })`

testUnless(
  noGuard,
  'the list of a watch is empty while nothing is armed in its thread, so that it starts no runtime',
  async (t) => {
    for (const thread of ['main', 'worker']) {
      const target = sleeper(t)
      const child = program(t, DISARMED, [thread, target.pid])
      t.is(await line(child), 'disarmed')
      const [watch, ...others] = watchesOf(child.pid)
      t.deepEqual(others, [])
      t.is(statSync(`/proc/${watch}/fd/0`).size, 0, thread)
      child.stdin.write('\n')
      t.is(await line(child), 'armed')
      child.kill('SIGKILL')
      t.is((await ended(target)).signal, 'SIGTERM', 'it is armed again')
    }
  },
)

testUnless(
  noGuard,
  'the list of a watch is empty if a worker exits right after the process that it has armed',
  async (t) => {
    const source = `
    import { Worker } from 'node:worker_threads'
    const source = \`
      const { killOnExit } = require('node:module').createRequire(process.cwd() + '/')('killtarget')
      const child = require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' })
      child.once('exit', () => process.exit())
      killOnExit(child)
      child.kill()\`
    new Worker(source, { eval: true, execArgv: [] }).once('exit', () => console.log('exited'))
    process.stdin.resume()`
    const child = program(t, source)
    t.is(await line(child), 'exited')
    const [watch] = watchesOf(child.pid)
    t.is(statSync(`/proc/${watch}/fd/0`).size, 0)
  },
)

testUnless(
  noGuard,
  'the program of a watch succeeds if its host was killed while it wrote the first list',
  async (t) => {
    const child = program(t, DISARMED, ['main', sleeper(t).pid])
    await line(child)
    const words = read(watchesOf(child.pid)[0]!, 'cmdline').split('\0').slice(0, -1)
    const [command, ...args] = words.slice(words.indexOf('--') + 1)
    const folder = await mkdtemp(join(tmpdir(), 'killtarget-list-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const file = join(folder, 'list')
    writeFileSync(file, '\0'.repeat(32) + '{"library":')
    const started = start(t, command!, args, { stdio: [openSync(file, 'r'), 'ignore', 'ignore'] })
    t.deepEqual(await ended(started), { code: 0, signal: null })
  },
)
