import test from 'ava'
import {
  killOnAbort,
  KillTarget,
  terminate,
  type TerminateOptions,
  terminateSync,
  type TerminateSyncOptions,
  type TerminationProgress,
  waitOrKill,
} from 'killtarget'
import { groupEndingAtSigterm, ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { json, line, program, shell, sleeper, until } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'

/** Options that note each step. */
function noted(options?: TerminateOptions): { steps: TerminationProgress[]; options: TerminateOptions } {
  const steps: TerminationProgress[] = []
  return { steps, options: { ...options, onStep: (step) => steps.push(step) } }
}

test('onStep is told of each signal, of SIGKILL and of each exit, before the report', async (t) => {
  // The child ends at SIGTERM. The root, a cat, ignores it.
  const child = shell(t, "sleep 600 & trap '' TERM; echo ready; exec cat", { detached: true })
  await line(child)
  const { steps, options } = noted({ grace: 1000 })
  t.is((await terminate(child, options)).outcome, 'killed')
  t.deepEqual(steps, [
    { kind: 'signal', signal: 'SIGTERM', left: 2 },
    { kind: 'exit', left: 1 },
    { kind: 'kill', signal: 'SIGKILL', left: 1 },
    { kind: 'exit', left: 0 },
  ])
})

test('onStep is told of each signal of a list, and of those of each step', async (t) => {
  const child = await ignoresSigterm(t, 'trap "" INT HUP; while :; do read _ || sleep 1; done')
  const { steps, options } = noted({
    steps: [
      { signal: ['SIGTERM', 'SIGHUP'], grace: 10 },
      { signal: [], grace: 10 },
      { signal: 'SIGINT', grace: 10, to: 'root' },
    ],
  })
  await terminate(child, options)
  t.deepEqual(
    steps.map(({ kind, signal }) => [kind, signal]),
    [
      ['signal', 'SIGTERM'],
      ['signal', 'SIGHUP'],
      ['signal', 'SIGINT'],
      ['kill', 'SIGKILL'],
      ['exit', undefined],
    ],
  )
})

test('the numbers that onStep gets fall to 0, in each scope', async (t) => {
  for (const scope of ['process', 'group', 'tree'] as const) {
    for (const killSignal of ['SIGTERM', 'SIGKILL'] as const) {
      const child = await groupEndingAtSigterm(t, 5)
      const { steps, options } = noted({ scope, killSignal })
      await terminate(child, options)
      const counts = steps.map(({ left }) => left)
      t.deepEqual(counts, counts.toSorted().toReversed(), `${scope}, ${killSignal}: ${counts}`)
      t.is(counts[0], scope === 'process' ? 1 : 6, `${scope}, ${killSignal}: ${counts}`)
      t.is(counts.at(-1), 0, `${scope}, ${killSignal}: ${counts}`)
      t.is(steps[0]!.kind, killSignal === 'SIGTERM' ? 'signal' : 'kill')
    }
  }
})

test('onStep is called by each verb that terminates', async (t) => {
  const abort = new AbortController()
  const expected = [
    { kind: 'signal', signal: 'SIGTERM', left: 1 },
    { kind: 'exit', left: 0 },
  ]
  const verbs = {
    terminate: (options: TerminateOptions) => open(t, sleeper(t).pid).terminate(options),
    'waitOrKill, time-out': (options: TerminateOptions) => waitOrKill(sleeper(t), { ...options, timeout: 1 }),
    'waitOrKill, abort': (options: TerminateOptions) =>
      waitOrKill(sleeper(t), { ...options, signal: AbortSignal.abort() }),
    killOnAbort: (options: TerminateOptions) => {
      const { done } = killOnAbort(sleeper(t), abort.signal, options)
      abort.abort()
      return done
    },
  }
  for (const [verb, run] of Object.entries(verbs)) {
    const { steps, options } = noted()
    await run(options)
    t.deepEqual(steps, expected, verb)
  }
})

test('onStep is not called for a process that is gone or exits by itself', async (t) => {
  const { steps, options } = noted({ killSignal: 'SIGKILL' })
  const child = sleeper(t)
  using target = KillTarget.fromChild(child)!
  await target.terminate(options)
  steps.length = 0
  t.is((await target.terminate(options)).outcome, 'gone')
  t.is((await waitOrKill(target, { ...options, timeout: 60_000 })).termination, null)
  t.deepEqual(steps, [])
})

test('a call that joins is told of what happens from then on, and not of signals that were sent before', async (t) => {
  const child = await ignoresSigterm(t)
  const first = noted({ grace: 60_000 })
  const second = noted({ grace: 1000 })
  const one = terminate(child, first.options)
  await until(() => first.steps.length > 0)
  await Promise.all([one, terminate(child, second.options)])
  t.deepEqual(
    first.steps.map(({ kind }) => kind),
    ['signal', 'exit'],
  )
  t.deepEqual(
    second.steps.map(({ kind }) => kind),
    ['kill', 'exit'],
  )
})

test('an error of onStep is uncaught, and the termination goes on', async (t) => {
  const source = `
    import { spawn } from 'node:child_process'
    import { terminate } from 'killtarget'
    const caught = []
    process.on('uncaughtException', ({ message }) => caught.push(message))
    const onStep = ({ kind }) => { throw new Error(kind) }
    const { outcome } = await terminate(spawn('sleep', ['600']), { onStep })
    while (caught.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    console.log(JSON.stringify({ caught, outcome }))`
  t.deepEqual(await json(program(t, source)), { caught: ['signal', 'exit'], outcome: 'exited' })
})

test('terminateSync refuses onStep, and signals nothing', (t) => {
  const child = sleeper(t)
  const options = { onStep() {} } as TerminateSyncOptions
  const expected = { instanceOf: TypeError, code: 'ERR_INVALID_ARG_VALUE', message: /onStep.*Use terminate\(\)/ }
  t.throws(() => terminateSync(child, options), expected)
  t.throws(() => open(t, child.pid).terminateSync(options), expected)
  t.true(open(t, child.pid).isAlive())
})

test('terminateSync refuses forceSignal, aborted or not, and signals nothing', (t) => {
  const child = sleeper(t)
  const expected = { instanceOf: TypeError, code: 'ERR_INVALID_ARG_VALUE', message: /forceSignal.*Use terminate\(\)/ }
  for (const forceSignal of [AbortSignal.abort(), new AbortController().signal]) {
    const options = { forceSignal } as TerminateSyncOptions
    t.throws(() => terminateSync(child, options), expected)
    t.throws(() => open(t, child.pid).terminateSync(options), expected)
  }
  t.true(open(t, child.pid).isAlive())
})

test('onStep must be a function', async (t) => {
  for (const onStep of [null, {}, 'log', true]) {
    const options = { onStep } as unknown as TerminateOptions
    const expected = { code: 'ERR_INVALID_ARG_TYPE', message: /`options\.onStep` to be a function/ }
    await t.throwsAsync(terminate(1, options), expected)
  }
})
