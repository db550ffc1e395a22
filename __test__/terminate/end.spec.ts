import test, { type ExecutionContext } from 'ava'
import type { Found } from '../fixtures/terminate-workers.ts'
import { found } from '../helpers/fixture.ts'
import { NO_LEAKS } from '../helpers/leaks.ts'
import { type Child, ended, json, line, number, program, state, until, within } from '../helpers/processes.ts'
import { ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { open } from '../helpers/target.ts'

/** A program that starts a group which ignores SIGTERM, writes its pid, terminates it, and then runs `then`. */
const asks = (then: string, options = 'grace: 60_000') => `
  import { spawn } from 'node:child_process'
  import { readFileSync } from 'node:fs'
  import { killOnAbort, terminate } from 'killtarget'
  const script = 'trap "" TERM; sh -c "trap : TERM; echo; while :; do sleep 0.1; done"'
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.once('data', () => {
    child.stdout.unref()
    console.log(child.pid)
    const done = terminate(child, { ${options} })
    ${then}
  })
`

const hasExited = (pid: number) => [undefined, 'Z'].includes(state(pid))

async function leader(t: ExecutionContext, child: Child): Promise<number> {
  const pid = await number(child)
  t.teardown(() => {
    if (!hasExited(pid)) process.kill(-pid, 'SIGKILL')
  })
  return pid
}

const kills = test.macro(async (t, then: string, code: number | undefined) => {
  const child = program(t, asks(then), [], { stdio: ['pipe', 'pipe', 'ignore'] })
  const pid = await leader(t, child)
  const end = await ended(child)
  if (code !== undefined) t.is(end.code, code)
  await until(() => hasExited(pid), 'the group to be killed')
  t.true(hasExited(pid))
})

test(
  'a process that exits in the middle of a grace period kills the group first',
  kills,
  'setTimeout(() => process.exit(3), 20)',
  3,
)
test('a process that exits right after the call kills the group first', kills, 'process.exit(4)', 4)
test(
  'a process that an uncaught error ends kills the group first',
  kills,
  'setTimeout(() => { throw new Error("on purpose") }, 20)',
  1,
)

test(
  'a process with an exit listener that throws kills the group first',
  kills,
  'process.prependListener("exit", () => { throw new Error("on purpose") }); setTimeout(() => process.exit(0), 20)',
  undefined,
)
test(
  'a process without its exit listeners kills the group first',
  kills,
  'process.removeAllListeners("exit"); process.exit(5)',
  5,
)

test('a process that calls terminate in its exit event kills the group first', async (t) => {
  const source = asks('process.exit(6)')
    .replace('const done = terminate(', 'process.on("exit", () => terminate(')
    .replace('grace: 60_000 })', 'grace: 60_000 }))')
  const child = program(t, source, [], { stdio: ['pipe', 'pipe', 'ignore'] })
  const pid = await leader(t, child)
  t.is((await ended(child)).code, 6)
  await until(() => hasExited(pid), 'the group to be killed')
})

for (const call of ['terminate', 'terminateSync']) {
  test(`a process that exits while a worker runs ${call} kills the group first`, async (t) => {
    const source = `
      import { Worker } from 'node:worker_threads'
      import { spawn } from 'node:child_process'
      import { terminate } from 'killtarget'
      const child = spawn('sh', ['-c', 'trap "" TERM; echo; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] })
      child.stdout.once('data', async () => {
        console.log(child.pid)
        const thread = \`
          const { parentPort, workerData } = require('node:worker_threads')
          const { KillTarget } = require('killtarget')
          const target = KillTarget.fromPid(workerData)
          parentPort.postMessage('begun')
          target.${call}({ grace: 100_000 })
        \`
        // The worker's call would delay the exit of the process, unless the main thread has used the package, too.
        await terminate(spawn('sleep', ['600']))
        const worker = new Worker(thread, { eval: true, execArgv: [], workerData: child.pid })
        worker.once('message', () => setTimeout(() => process.exit(8), 100))
      })
    `
    const child = program(t, source, [], { stdio: ['pipe', 'pipe', 'ignore'] })
    const pid = await number(child)
    const start = performance.now()
    t.is((await ended(child)).code, 8)
    await until(() => hasExited(pid), 'the process to be killed')
    t.true(performance.now() - start < 100_000)
  })
}

test('a pending terminate keeps Node running', async (t) => {
  const child = program(t, asks('done.then(({ outcome }) => console.log(outcome))', 'grace: 300'))
  const pid = await leader(t, child)
  t.is(await line(child), 'killed')
  t.is((await ended(child)).code, 0)
  t.true(hasExited(pid))
})

test('terminate escalates on time while JavaScript is busy', async (t) => {
  const then = `
    const start = performance.now()
    const hasExited = () => {
      try { return readFileSync('/proc/' + child.pid + '/stat', 'latin1').includes(') Z ') } catch { return true }
    }
    let overAfter
    for (; performance.now() - start < 30_000 && overAfter === undefined;) if (hasExited()) overAfter = performance.now() - start
    const { outcome, elapsed } = await done
    console.log(JSON.stringify({ outcome, overAfter: overAfter ?? null, elapsed }))
  `
  const child = program(t, asks(then, 'grace: 300').replace("once('data', () =>", "once('data', async () =>"))
  await leader(t, child)
  const { outcome, overAfter, elapsed } = await json<{ outcome: string; overAfter: number | null; elapsed: number }>(
    child,
  )
  t.is(outcome, 'killed')
  t.true(overAfter !== null, 'the process exited while JavaScript was busy')
  t.true(elapsed >= 300)
})

test('killOnAbort after the abort does not delay a fatal signal', async (t) => {
  const source = asks(`
    const controller = new AbortController()
    killOnAbort(child, controller.signal, { grace: 60_000 })
    controller.abort()
  `).replace('const done = terminate(child, { grace: 60_000 })', '')
  const child = program(t, source, [], { stdio: ['pipe', 'pipe', 'ignore'] })
  const pid = await leader(t, child)
  // The child object would keep Node running.
  child.kill('SIGUSR2')
  await within(ended(child), 'the end')
  t.true(pid > 0)
})

const WORKERS = Number(process.env['KILLTARGET_TEST_WORKERS'] ?? 12)

test.serial(
  `${WORKERS} threads that end in the middle of grace periods leak nothing, and their processes are killed in time`,
  async (t) => {
    t.timeout(150_000 + WORKERS * 500)
    const { ended: count, ...others } = await found<Found>(t, 'terminate-workers.ts', {
      args: [WORKERS],
      timeout: 150_000 + WORKERS * 500,
    })
    t.true(count >= WORKERS)
    t.deepEqual(others, { killed: count, leaks: NO_LEAKS, errors: [] })
  },
)

test('terminate kills the process of a target that is closed meanwhile', async (t) => {
  const child = await ignoresSigterm(t)
  const target = open(t, child.pid)
  const termination = target.terminate({ grace: 50 })
  target.close()
  t.is((await termination).outcome, 'killed')
})
