import test, { type ExecutionContext } from 'ava'
import { KillTarget } from 'killtarget'
import { type Child, ended, line, program, sleeper, start, within } from '../helpers/processes.ts'
import { endedBy, rightOrUnknown } from '../helpers/status.ts'
import { open } from '../helpers/target.ts'

const waits = (...options: string[]) => `
  import { KillTarget } from 'killtarget'
  const target = KillTarget.fromPid(Number(process.argv[1]))
  for (const options of [${options.join()}]) {
    target.exited(options).then((status) => console.log('over'), ({ code }) => console.log(code))
  }
  console.log('waiting')
`

/** Runs the source beside a process that it is given the pid of. */
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

test('a wait with `ref: false` lets Node end', ends, waits('{ ref: false }'))
test('so it does with a timeout', ends, waits('{ ref: false, timeout: 60_000 }', '{ ref: false, timeout: 2 ** 40 }'))
test(
  'Node ends in the middle of waits when it is told to',
  ends,
  `${waits('{}', '{ timeout: 60_000 }')} process.exit()`,
)
test(
  'so it does after a wait that held it was called off',
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
  // Long enough for a program to end that nothing holds.
  await t.throwsAsync(open(t, waiter.pid).exited({ timeout: 500 }), { code: 'ERR_TIMEOUT' })
  waited.kill('SIGKILL')
  for (let told = 0; told < lines; told++) t.is(await line(waiter), 'over')
  t.deepEqual(await ended(waiter), { code: 0, signal: null })
})

test('a wait keeps Node from ending until it is over', holds, waits('undefined'), 1)
test('so does one with a timeout', holds, waits('{ timeout: 60_000 }'), 1)
test('so does one among others that do not', holds, waits('{ ref: false }', '{ ref: true }', '{ ref: false }'), 1)

test('a wait that times out has kept Node from ending', async (t) => {
  const { waiter } = beside(t, waits('{ timeout: 50 }'))
  t.is(await line(waiter), 'waiting')
  t.is(await line(waiter), 'ERR_TIMEOUT')
  t.deepEqual(await ended(waiter), { code: 0, signal: null })
})

test('a target that is closed refuses to wait, and goes on waiting', async (t) => {
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

test('a target that nobody has any more goes on waiting', async (t) => {
  const child = sleeper(t)
  const exit = KillTarget.fromPid(child.pid).exited()
  for (let pass = 0; pass < 3; pass++) {
    global.gc!()
    await new Promise((resolve) => setImmediate(resolve))
  }
  child.kill('SIGKILL')
  rightOrUnknown(t, await within(exit, 'the exit'), endedBy('SIGKILL'))
})

test('a target that is gone resolves at once', async (t) => {
  const child = start(t, 'true')
  await ended(child)
  const target = KillTarget.fromPid(child.pid)
  t.is(target.method, 'gone')
  for (const options of [undefined, {}, { timeout: 60_000 }, { ref: false }]) {
    t.deepEqual(await within(target.exited(options), 'the exit'), { code: null, signal: null, known: false })
  }
})

test('whoever waits is told: several times by one target, by several of one process', async (t) => {
  const child = sleeper(t)
  const targets = Array.from({ length: 10 }, () => open(t, child.pid))
  const exits = targets.flatMap((target) => Array.from({ length: 10 }, () => target.exited()))
  child.kill('SIGKILL')
  const told = await within(Promise.all(exits), 'the exits')
  t.is(told.length, 100)
  for (const status of told) rightOrUnknown(t, status, endedBy('SIGKILL'))
})

test('a package that was loaded twice into one thread tells of the exits of either', async (t) => {
  const source = `
    import { createRequire } from 'node:module'
    const require = createRequire(process.cwd() + '/')
    const path = require.resolve('killtarget')
    const targets = [1, 2].map(() => {
      delete require.cache[path]
      return require(path).KillTarget.fromPid(Number(process.argv[1]))
    })
    const told = Promise.all(targets.map((target) => target.exited()))
    console.log(targets[0].constructor !== targets[1].constructor)
    await told
    console.log('both')
  `
  const { waited, waiter } = beside(t, source)
  t.is(await line(waiter), 'true')
  waited.kill('SIGKILL')
  t.is(await line(waiter), 'both')
})
