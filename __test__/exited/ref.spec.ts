import test, { type ExecutionContext } from 'ava'
import { KillTarget } from 'killtarget'
import { type Child, ended, line, program, sleeper, start, within } from '../helpers/processes.ts'
import { endedBy, rightOrUnknown, UNKNOWN } from '../helpers/status.ts'
import { open } from '../helpers/target.ts'

const waits = (...options: string[]) => `
  import { KillTarget } from 'killtarget'
  const target = KillTarget.fromPid(Number(process.argv[1]))
  for (const options of [${options.join()}]) {
    target.exited(options).then((status) => console.log('over'), ({ code }) => console.log(code))
  }
  console.log('waiting')
`

/** Runs the source with the pid of a running process. */
function beside(t: ExecutionContext, source: string): { waited: Child; waiter: Child } {
  const waited = sleeper(t)
  return { waited, waiter: program(t, source, [waited.pid]) }
}

const ends = test.macro(async (t, source: string) => {
  const { waited, waiter } = beside(t, source)
  t.deepEqual(await ended(waiter), { code: 0, signal: null })
  t.is(await line(waiter), 'waiting')
  await t.throwsAsync(line(waiter), { message: /wrote no more lines/ })
  t.true(open(t, waited.pid).isAlive())
})

test('a wait with `ref: false` lets Node exit', ends, waits('{ ref: false }'))
test(
  'a wait with `ref: false` and a timeout lets Node exit',
  ends,
  waits('{ ref: false, timeout: 60_000 }', '{ ref: false, timeout: 2 ** 40 }'),
)
test('process.exit ends Node in the middle of waits', ends, `${waits('{}', '{ timeout: 60_000 }')} process.exit()`)
test(
  'an aborted wait no longer keeps Node running',
  ends,
  `${waits('{ ref: false }')}
   const aborter = new AbortController()
   target.exited({ signal: aborter.signal }).catch(() => {})
   target.exited({ timeout: 0 }).catch(() => {})
   setTimeout(() => aborter.abort(), 20)`,
)

const holds = test.macro(async (t, source: string, lines: number) => {
  const { waited, waiter } = beside(t, source)
  t.is(await line(waiter), 'waiting')
  // Long enough for Node to exit, if nothing keeps it running.
  await t.throwsAsync(open(t, waiter.pid).exited({ timeout: 500 }), { code: 'ERR_TIMEOUT' })
  waited.kill('SIGKILL')
  for (let count = 0; count < lines; count++) t.is(await line(waiter), 'over')
  t.deepEqual(await ended(waiter), { code: 0, signal: null })
})

test('a wait keeps Node running until it resolves', holds, waits('undefined'), 1)
test('a wait with a timeout keeps Node running until it resolves', holds, waits('{ timeout: 60_000 }'), 1)
test(
  'a wait with `ref: true` keeps Node running among others with `ref: false`',
  holds,
  waits('{ ref: false }', '{ ref: true }', '{ ref: false }'),
  1,
)

test('a wait keeps Node running until it times out', async (t) => {
  const { waiter } = beside(t, waits('{ timeout: 50 }'))
  t.is(await line(waiter), 'waiting')
  t.is(await line(waiter), 'ERR_TIMEOUT')
  t.deepEqual(await ended(waiter), { code: 0, signal: null })
})

test('a closed target refuses new waits, and its pending ones settle', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  const exits = [target.exited(), target.exited({ timeout: 60_000 })]
  const late = target.exited({ timeout: 20 })
  target.close()
  await t.throwsAsync(target.exited(), { code: 'ERR_TARGET_CLOSED' })
  await t.throwsAsync(late, { code: 'ERR_TIMEOUT' })
  child.kill('SIGKILL')
  for (const exit of exits) rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
})

test('a wait resolves after its target is garbage', async (t) => {
  const child = sleeper(t)
  const exit = KillTarget.fromPid(child.pid).exited()
  for (let pass = 0; pass < 3; pass++) {
    global.gc!()
    await new Promise((resolve) => setImmediate(resolve))
  }
  child.kill('SIGKILL')
  rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
})

test('exited resolves at once for a target that is gone', async (t) => {
  const child = start(t, 'true')
  await ended(child)
  const target = KillTarget.fromPid(child.pid)
  t.is(target.method, 'gone')
  for (const options of [undefined, {}, { timeout: 60_000 }, { ref: false }]) {
    t.deepEqual(await within(target.exited(options), 'the exit'), UNKNOWN)
  }
})

test('exited resolves each wait of several targets of one process', async (t) => {
  const child = sleeper(t)
  const targets = Array.from({ length: 10 }, () => open(t, child.pid))
  const exits = targets.flatMap((target) => Array.from({ length: 10 }, () => target.exited()))
  child.kill('SIGKILL')
  const statuses = await within(Promise.all(exits), 'the exits')
  t.is(statuses.length, 100)
  for (const status of statuses) rightOrUnknown(t, status, endedBy('SIGKILL'))
})

test('exited resolves in each copy of a package that is loaded twice into one thread', async (t) => {
  const source = `
    import { createRequire } from 'node:module'
    const require = createRequire(process.cwd() + '/')
    const path = require.resolve('./main.js')
    const targets = [1, 2].map(() => {
      delete require.cache[path]
      return require(path).KillTarget.fromPid(Number(process.argv[1]))
    })
    const statuses = Promise.all(targets.map((target) => target.exited()))
    console.log(targets[0].constructor !== targets[1].constructor)
    await statuses
    console.log('both')
  `
  const { waited, waiter } = beside(t, source)
  t.is(await line(waiter), 'true')
  waited.kill('SIGKILL')
  t.is(await line(waiter), 'both')
})
