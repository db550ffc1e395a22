import test, { type ExecutionContext } from 'ava'
import { KillTarget, killOnAbort, terminate, type TerminateOptions, terminateSync, waitOrKill } from 'killtarget'
import { ended, sleeper } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'

type Wrong = [code: string, message: RegExp, options: unknown]

const type = 'ERR_INVALID_ARG_TYPE'
const range = 'ERR_OUT_OF_RANGE'

/** Returns an array with a hole at its end. */
function holes(...before: unknown[]): unknown[] {
  const array = [...before]
  array.length += 1
  return array
}

/** Wrong options of all functions that terminate. */
const shared: Wrong[] = [
  [type, /`options` to be an object/, 5000],
  [type, /`options` to be an object/, null],
  [type, /`options\.scope` to be one of 'process', 'group', 'tree'/, { scope: 1 }],
  ['ERR_INVALID_ARG_VALUE', /`options\.scope` .* got `'session'` \(string\)/, { scope: 'session' }],
  [type, /`options\.killSignal`/, { killSignal: {} }],
  ['ERR_UNKNOWN_SIGNAL', /Unknown signal: 'TERM'/, { killSignal: 'TERM' }],
  ['ERR_UNKNOWN_SIGNAL', /1000/, { killSignal: 1000 }],
  [range, /`options\.killSignal` to be a signal other than 0, got `0` \(number\)/, { killSignal: 0 }],
  [range, /`options\.killSignal` to be at least one signal/, { killSignal: [] }],
  [range, /`options\.killSignal` to be a signal other than 0/, { killSignal: ['SIGINT', 0] }],
  [type, /`options\.killSignal` to be a signal name or number/, { killSignal: holes('SIGINT') }],
  ['ERR_INVALID_ARG_VALUE', /'SIGKILL' among others/, { killSignal: ['SIGTERM', 'SIGKILL'] }],
  ['ERR_INVALID_ARG_VALUE', /never sends SIGKILL/, { killSignal: 'SIGKILL', grace: false }],
  [type, /`options\.grace` to be a number or false, got `true` \(boolean\)/, { grace: true }],
  [type, /`options\.grace`/, { grace: '1s' }],
  [range, /`options\.grace` to be a non-negative number of milliseconds or false, got `-1` \(number\)/, { grace: -1 }],
  [range, /`options\.grace`/, { grace: NaN }],
  [type, /`options\.except` to be an array/, { except: 1 }],
  [type, /`options\.onStep` to be a function/, { onStep: 'log' }],
  [type, /`options\.allowSelf` to be a boolean/, { allowSelf: 'yes' }],
  [type, /`options\.steps` to be an array/, { steps: 'SIGTERM' }],
  [range, /`options\.steps` to be at least one step/, { steps: [] }],
  [type, /`options\.steps\[0\]` to be an object/, { steps: ['SIGTERM'] }],
  [type, /`options\.steps\[1\]` to be an object/, { steps: holes(step()) }],
  [type, /`options\.steps\[0\]\.signal` to be a signal name or number/, { steps: [{ signal: holes(), grace: 1 }] }],
  [type, /`options\.steps\[0\]\.grace` to be a number/, { steps: [{ signal: 'SIGTERM' }] }],
  [range, /`options\.steps\[1\]\.grace`/, { steps: [step(), { signal: 'SIGTERM', grace: -1 }] }],
  [type, /`options\.steps\[0\]\.signal` to be a signal name or number/, { steps: [{ grace: 1 }] }],
  [
    range,
    /`options\.steps\[0\]\.signal` to be a signal other than 0/,
    { steps: [{ signal: ['SIGINT', 0], grace: 1 }] },
  ],
  ['ERR_INVALID_ARG_VALUE', /`options\.steps\[0\]\.to`/, { steps: [{ ...step(), to: 'leader' }] }],
  ['ERR_INCOMPATIBLE_OPTION_PAIR', /`options\.steps` .* `options\.grace`/, { steps: [step()], grace: 1 }],
  ['ERR_INCOMPATIBLE_OPTION_PAIR', /`options\.killSignal`/, { steps: [step()], killSignal: 'SIGINT' }],
]

const wrong: Wrong[] = [
  ...shared,
  [type, /`options\.killTimeout`/, { killTimeout: '1s' }],
  [range, /`options\.killTimeout`/, { killTimeout: -0.5 }],
  [type, /`options\.forceSignal` to be an AbortSignal/, { forceSignal: {} }],
  [type, /`options\.forceSignal` to be an AbortSignal/, { forceSignal: { aborted: false, addEventListener() {} } }],
]

function step() {
  return { signal: 'SIGTERM', grace: 1 }
}

async function refuses(t: ExecutionContext, wrongs: Wrong[], call: (options: never) => unknown): Promise<void> {
  for (const [code, message, options] of wrongs) {
    // Another test asserts that the call rejects instead of throwing.
    const error = await t.throwsAsync(async () => call(options as never), { code, message })
    t.true(error instanceof TypeError || error instanceof RangeError)
  }
}

test('every function that terminates refuses a wrong option by its name, and sends no signal', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  await refuses(t, wrong, (options) => target.terminate(options))
  await refuses(t, wrong, (options) => target.terminateSync(options))
  await refuses(t, wrong, (options) => terminate(child, options))
  await refuses(t, wrong, (options) => terminateSync(child.pid, options))
  await refuses(t, wrong, (options) => killOnAbort(child, AbortSignal.abort(), options))
  await refuses(t, shared, (options) => waitOrKill(child, options))
  child.kill('SIGUSR1')
  t.is((await ended(child)).signal, 'SIGUSR1')
})

test('functions that return a promise reject and never throw', async (t) => {
  const target = open(t, sleeper(t).pid)
  const bad = { grace: -1 } as TerminateOptions
  const calls = [
    () => target.terminate(bad),
    () => terminate(target, bad),
    () => terminate('12' as never),
    () => terminate(0),
    () => waitOrKill(target, bad),
    () => waitOrKill(null as never),
    () => target.suspend({ scope: 'x' as never }),
    () => target.resume({ allowSelf: 1 as never }),
  ]
  for (const call of calls) {
    let promise: Promise<unknown> | undefined
    t.notThrows(() => (promise = call()))
    await t.throwsAsync(promise!)
  }
  t.true(target.isAlive())
})

for (const call of [terminate, terminateSync, waitOrKill, killOnAborted]) {
  test(`${call.name} refuses a value that is no target, pid or child object`, async (t) => {
    for (const [value, code] of [
      ['12', type],
      [null, type],
      [undefined, type],
      [true, type],
      [0, range],
      [-1, range],
      [1.5, range],
      [NaN, range],
      [2 ** 31, range],
      [{ pid: 0 }, range],
      [{ pid: '12' }, type],
    ] as const) {
      await t.throwsAsync(async () => call(value as never), { code }, String(value))
    }
  })
}

function killOnAborted(target: never): unknown {
  return killOnAbort(target, AbortSignal.abort()).done
}

test('suspend and resume refuse a wrong option by its name', async (t) => {
  const target = open(t, sleeper(t).pid)
  for (const [code, message, options] of [
    [type, /`options`/, 1],
    ['ERR_INVALID_ARG_VALUE', /`options\.scope`/, { scope: 'session' }],
    [type, /`options\.allowSelf`/, { allowSelf: 1 }],
  ] as const) {
    await t.throwsAsync(target.suspend(options as never), { code, message })
    await t.throwsAsync(target.resume(options as never), { code, message })
  }
})

test('terminate takes undefined for an omitted option', async (t) => {
  const child = sleeper(t)
  const target = KillTarget.fromChild(child)!
  t.teardown(() => target.close())
  const options: TerminateOptions = {
    scope: undefined,
    killSignal: undefined,
    grace: undefined,
    steps: undefined,
    killTimeout: undefined,
    forceSignal: undefined,
    except: undefined,
    onStep: undefined,
    allowSelf: undefined,
  }
  const { outcome, status: exit } = await target.terminate(options)
  t.deepEqual([outcome, exit?.signal], ['exited', 'SIGTERM'])
})

/** The options of each call, and what its error says of one that does not exist. */
const unknown: [call: (target: number, options: never) => unknown, option: string, message: RegExp][] = [
  [terminate, 'timeout', /`options\.timeout`.*`grace`.*`killTimeout`.*waitOrKill/],
  [terminate, 'signal', /`options\.signal`.*`killSignal`.*AbortSignal/],
  [terminate, 'killsignal', /Did you mean `killSignal`\?/],
  [terminate, 'graze', /Did you mean `grace`\?/],
  [terminate, 'forceKillAfterDelay', /`grace`/],
  [terminate, 'foo', /The options are `scope`, /],
  [terminateSync, 'timeout', /`killTimeout`/],
  [(target, options) => terminate(target, { steps: [options] }), 'signals', /`options\.steps\[0\]\.signals`.*`signal`/],
  [waitOrKill, 'timout', /Did you mean `timeout`\?/],
  [(target, options) => killOnAbort(target, AbortSignal.abort(), options), 'Scope', /Did you mean `scope`\?/],
  [(target, options) => KillTarget.fromPid(target, options), 'unverified', /`options\.unverified`/],
  [(target, options) => KillTarget.fromPid(target).exited(options), 'timeOut', /Did you mean `timeout`\?/],
  [(target, options) => KillTarget.fromPid(target).suspend(options), 'allow', /The options are `scope`, `allowSelf`/],
]

for (const [call, option, message] of unknown) {
  test(`${call.name || 'a call'} refuses an option that does not exist: ${option}`, async (t) => {
    const { pid } = sleeper(t)
    const refused = { code: 'ERR_INVALID_ARG_VALUE', instanceOf: TypeError, message }
    await t.throwsAsync(async () => call(pid, { [option]: 1 } as never), refused)
    t.true(KillTarget.fromPid(pid).isAlive())
  })
}

test('no option is null', async (t) => {
  const { pid } = sleeper(t)
  const names = ['scope', 'killSignal', 'grace', 'steps', 'killTimeout', 'except', 'forceSignal', 'onStep', 'allowSelf']
  for (const name of names) {
    await t.throwsAsync(terminate(pid, { [name]: null }), { code: type, message: new RegExp(`\`options\\.${name}\``) })
  }
  for (const name of [...names, 'timeout', 'signal', 'leftovers', 'drain']) {
    await t.throwsAsync(waitOrKill(pid, { [name]: null }), { code: type, message: new RegExp(`\`options\\.${name}\``) })
  }
  t.true(KillTarget.fromPid(pid).isAlive())
})

for (const [signal, meant] of [
  ['TERM', "'SIGTERM'"],
  ['sigterm', "'SIGTERM'"],
  ['SIGTREM', "'SIGTERM'"],
  ['int', "'SIGINT'"],
  [' SIGHUP', "'SIGHUP'"],
  ['15', '15'],
  ['-9', '9'],
] as const) {
  test(`an unknown signal is told with the one that was probably meant: ${signal}`, async (t) => {
    const { pid } = sleeper(t)
    const refused = { code: 'ERR_UNKNOWN_SIGNAL', message: `Unknown signal: '${signal}'. Did you mean ${meant}?` }
    await t.throwsAsync(terminate(pid, { killSignal: signal as never }), refused)
    t.throws(() => KillTarget.fromPid(pid).signal(signal as never), refused)
    t.true(KillTarget.fromPid(pid).isAlive())
  })
}
