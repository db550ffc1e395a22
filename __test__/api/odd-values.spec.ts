import test, { type ExecutionContext } from 'ava'
import {
  descendants,
  exited,
  KillError,
  killOnAbort,
  KillTarget,
  resume,
  suspend,
  terminate,
  terminateSync,
  waitOrKill,
} from 'killtarget'
import treeKill from 'killtarget/tree-kill'
import { naming, unborn, values } from '../helpers/odd-values.ts'
import { type Child, ended, hasExited, sleeper } from '../helpers/processes.ts'

type Call = (value: never, child: Child) => unknown
type Accepts = (value: unknown) => boolean

const isDuration: Accepts = (value) => typeof value === 'number' && value >= 0
const isBoolean: Accepts = (value) => typeof value === 'boolean'
const isSignal: Accepts = (value) => value === 'SIGURG'
const isNone: Accepts = () => false
const aborted = AbortSignal.abort()

/** The members of an AbortSignal of any kind are enough. */
const isAbortSignal: Accepts = (value) => {
  try {
    const { aborted: state, addEventListener: listen } = value as AbortSignal
    return typeof state === 'boolean' && typeof listen === 'function'
  } catch {
    return false
  }
}

/** What each option takes of the values, besides undefined. A new option needs a line here. */
const TERMINATE: Readonly<Record<string, Accepts>> = {
  scope: isNone,
  killSignal: isSignal,
  grace: (value) => value === false || isDuration(value),
  steps: isNone,
  killTimeout: isDuration,
  except: isEmptyArray,
  forceSignal: isAbortSignal,
  allowSelf: isBoolean,
}
const WAIT_OR_KILL = { ...TERMINATE, timeout: isDuration, signal: isAbortSignal, leftovers: isNone, drain: isDuration }
const EXITED = { timeout: isDuration, signal: isAbortSignal, ref: isBoolean }
const SUSPEND = { scope: isNone, allowSelf: isBoolean }
const OPEN = { allowUnverified: isBoolean }
const STEP = {
  signal: (value: unknown) => isSignal(value) || isEmptyArray(value),
  grace: isDuration,
  to: (value: unknown) => value === 'all',
}

/** A call with options. The others make it return soon. */
const withOptions: Record<
  string,
  [call: (options: object, child: Child) => unknown, options: Record<string, Accepts>]
> = {
  terminate: [(options, { pid }) => terminate(pid, options), TERMINATE],
  'a target terminate': [(options, { pid }) => opened(pid, (target) => target.terminate(options)), TERMINATE],
  terminateSync: [(options, { pid }) => terminateSync(pid, options), { ...TERMINATE, forceSignal: isNone }],
  waitOrKill: [(options, child) => waitOrKill(child, options), WAIT_OR_KILL],
  killOnAbort: [(options, { pid }) => killOnAbort(pid, aborted, options).done, TERMINATE],
  exited: [(options, { pid }) => exited(pid, options), EXITED],
  suspend: [(options, { pid }) => suspend(pid, options), SUSPEND],
  resume: [(options, { pid }) => resume(pid, options), SUSPEND],
  fromPid: [(options, { pid }) => KillTarget.fromPid(pid, options).close(), OPEN],
  fromChild: [(options, { pid }) => KillTarget.fromChild({ pid }, options)!.close(), OPEN],
}
/** These throw. All others return a promise, which rejects. */
const SYNCHRONOUS = new Set(['terminateSync', 'killOnAbort', 'fromPid', 'fromChild'])
const SOON: Record<string, object> = { waitOrKill: { timeout: 0 }, exited: { timeout: 0 } }

interface Parameter {
  call: Call
  /** Whether the call takes a value. */
  accepts: Accepts
  /** Whether undefined is refused, too. */
  isRequired?: boolean
  /** Whether it throws instead of returning a promise that rejects. */
  canThrow?: boolean
  /** Whether a call with a taken value would wait for as long as the process runs. */
  waits?: boolean
}

const parameters: Record<string, Parameter> = {}

for (const [verb, [call, options]] of Object.entries(withOptions)) {
  const canThrow = SYNCHRONOUS.has(verb)
  parameters[`the options of ${verb}`] = { call, accepts: mayBeOptions, canThrow, waits: Object.hasOwn(SOON, verb) }
  for (const [name, accepts] of Object.entries(options)) {
    // An aborted signal ends the wait that a time-out of the value would not.
    const soon = name === 'timeout' ? { signal: aborted } : SOON[verb]
    parameters[`the option ${name} of ${verb}`] = {
      call: (value, child) => call({ ...soon, [name]: value }, child),
      accepts,
      canThrow,
    }
  }
}

for (const [name, accepts] of Object.entries(STEP)) {
  const step = { signal: 'SIGTERM', grace: 0 }
  parameters[`the member ${name} of a step`] = {
    call: (value, { pid }) => terminate(pid, { steps: [{ ...step, [name]: value }] as never }),
    accepts,
    isRequired: name !== 'to',
  }
}

parameters['a step'] = {
  call: (value, { pid }) => terminate(pid, { steps: [value] }),
  accepts: isNone,
  isRequired: true,
}
parameters['one signal of a list'] = {
  call: (value, { pid }) => terminate(pid, { killSignal: [value], grace: 0 }),
  accepts: isSignal,
  isRequired: true,
}
parameters['the signal of signal'] = {
  call: (value, { pid }) => opened(pid, (target) => target.signal(value)),
  accepts: (value) => isSignal(value) || value === 0,
  canThrow: true,
}
parameters['the signal of signalPg'] = {
  call: (value, { pid }) => opened(pid, (target) => target.signalPg(value)),
  accepts: (value) => isSignal(value) || value === 0,
  canThrow: true,
}
parameters['the signal of killOnAbort'] = {
  call: (value, { pid }) => killOnAbort(pid, value).done,
  accepts: isAbortSignal,
  isRequired: true,
  canThrow: true,
}

for (const [name, { call, accepts, isRequired = false, canThrow = false, waits = false }] of Object.entries(
  parameters,
)) {
  test(`${name} is taken, or refused by a documented error, for every odd value`, async (t) => {
    const bystander = sleeper(t)
    let child = leader(t)
    for (const [what, make] of Object.entries(values)) {
      const value = make(child)
      const isTaken = value === undefined ? !isRequired : accepts(value)
      if (isTaken && waits) continue
      const { error, result, threw } = await attempt(() => call(value as never, child))
      const title = `${name}: ${what}: ${error?.stack ?? JSON.stringify(result)}`
      if (isTaken) isDone(t, error, title)
      else isRefused(t, error, title)
      if (!canThrow) t.false(threw, title)
      if (!isTaken) t.false(hasExited(child.pid), title)
      t.false(hasExited(bystander.pid), title)
      if (hasExited(child.pid)) child = leader(t)
    }
  })
}

/** Starts a process that leads its group. */
function leader(t: ExecutionContext): Child {
  return sleeper(t, { detached: true })
}

/** What acts on a target. Each returns how, or throws. */
const verbs: Record<string, (target: never) => unknown> = {
  terminate: async (target) => (await terminate(target)).outcome,
  terminateSync: (target) => terminateSync(target).outcome,
  waitOrKill: async (target) => (await waitOrKill(target, { timeout: 0 })).termination?.outcome ?? 'gone',
  killOnAbort: async (target) => (await killOnAbort(target, aborted).done)?.outcome ?? 'gone',
  exited: async (target) => (((await exited(target, { timeout: 0 })) as { known: boolean }).known ? 'exited' : 'gone'),
  suspend: async (target) => (await suspend(target)).length,
  resume: async (target) => (await resume(target)).length,
  descendants: (target) => descendants(target).length,
}

for (const [verb, act] of Object.entries(verbs)) {
  test(`${verb} acts on the process that a value names, and refuses every other value`, async (t) => {
    const bystander = sleeper(t)
    let child = sleeper(t)
    for (const [what, make] of Object.entries(values)) {
      const value = make(child)
      const { error, result, threw } = await attempt(() => act(value as never))
      const title = `${verb}: ${what}: ${error?.stack ?? String(result)}`
      if (Object.hasOwn(unborn, what)) t.true(error === undefined && [0, 'gone'].includes(result as never), title)
      else if (!Object.hasOwn(naming, what)) isRefused(t, error, title)
      else if (verb === 'exited') t.is((error as KillError | undefined)?.code, 'ERR_TIMEOUT', title)
      else if (typeof result === 'number') t.is(result, 0, title)
      else t.is(result, 'exited', title)
      const isKilled = result === 'exited'
      if (isKilled) t.is((await ended(child)).signal, 'SIGTERM', title)
      else t.false(hasExited(child.pid), title)
      if (verb !== 'terminateSync' && verb !== 'descendants' && verb !== 'killOnAbort') t.false(threw, title)
      t.false(hasExited(bystander.pid), title)
      if (isKilled) child = sleeper(t)
      else child.kill('SIGCONT')
    }
  })
}

test('fromPid takes a pid, and fromChild an object with one', (t) => {
  const child = sleeper(t)
  for (const [what, make] of Object.entries(values)) {
    const value = make(child) as never
    for (const open of [KillTarget.fromPid, KillTarget.fromChild] as ((value: never) => KillTarget | null)[]) {
      let target: KillTarget | null = null
      let error: Error | undefined
      try {
        target = open(value)
      } catch (thrown) {
        error = thrown as Error
      }
      const isFromPid = open === KillTarget.fromPid
      const title = `${isFromPid ? 'fromPid' : 'fromChild'}: ${what}: ${error?.stack}`
      const isNamed = isFromPid ? value === child.pid : Object.hasOwn(naming, what) && typeof value !== 'number'
      if (isNamed) t.true(target?.isAlive(), title)
      else if (!isFromPid && Object.hasOwn(unborn, what)) t.is(target, null, title)
      else if (target === null) isRefused(t, error, title)
      // A child object may have members that only a `ProcessInfo` needs.
      else t.true(!isFromPid && target.pid === child.pid && target.isAlive(), title)
      target?.close()
    }
  }
  t.false(hasExited(child.pid))
})

test('tree-kill refuses a value that is no pid, or signals the process that it names', async (t) => {
  const bystander = sleeper(t)
  for (const [what, make] of Object.entries(values)) {
    const child = sleeper(t)
    const value = make(child)
    const error = await new Promise<Error | undefined>((resolve) => treeKill(value as never, 'SIGKILL', resolve))
    const title = `${what}: ${error?.stack}`
    if (error === undefined) t.is((await ended(child)).signal, 'SIGKILL', title)
    else if (error.message !== 'pid must be a number') isRefused(t, error, title)
    t.true(error === undefined || !hasExited(child.pid), title)
    t.false(hasExited(bystander.pid), title)
    child.kill('SIGKILL')
  }
})

test('tree-kill takes a signal, or reports that a value is none', async (t) => {
  for (const [what, make] of Object.entries(values)) {
    const child = sleeper(t)
    const value = make(child)
    if (typeof value === 'function') continue
    const error = await new Promise<Error | undefined>((resolve) => treeKill(child.pid, value as never, resolve))
    const title = `${what}: ${error?.stack}`
    if (!value || isSignal(value)) t.is(error, undefined, title)
    else isRefused(t, error, title)
    if (error !== undefined) t.false(hasExited(child.pid), title)
    child.kill('SIGKILL')
  }
})

test('tree-kill throws for a callback that is no function, and sends nothing', (t) => {
  const child = sleeper(t)
  for (const [what, make] of Object.entries(values)) {
    const value = make(child)
    if (!value || typeof value === 'function') continue
    t.throws(() => treeKill(child.pid, 'SIGKILL', value as never), { code: 'ERR_INVALID_ARG_TYPE' }, what)
    t.throws(() => treeKill(0, 'SIGKILL', value as never), { code: 'ERR_INVALID_ARG_TYPE' }, what)
  }
  t.false(hasExited(child.pid))
})

interface Attempt {
  result?: unknown
  error?: Error & { code?: string }
  /** Whether it threw instead of rejecting. */
  threw: boolean
}

async function attempt(act: () => unknown): Promise<Attempt> {
  let promise: unknown
  try {
    promise = act()
  } catch (error) {
    return { error: error as Error, threw: true }
  }
  try {
    return { result: await promise, threw: false }
  } catch (error) {
    return { error: error as Error, threw: false }
  }
}

/** What a call with valid arguments rejects with here: the time-out and the abort of `exited`. */
function isOutcome(error: Error & { code?: string }): boolean {
  return error.code === 'ERR_TIMEOUT' || error.name === 'AbortError'
}

function isDone(t: ExecutionContext, error: Attempt['error'], title: string): void {
  t.true(error === undefined || isOutcome(error), title)
}

const CODES = new Set([
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_ARG_VALUE',
  'ERR_OUT_OF_RANGE',
  'ERR_UNKNOWN_SIGNAL',
  'ERR_TARGET_CLOSED',
  'ERR_IDENTITY_UNAVAILABLE',
  'ERR_EXCEPTED_TARGET',
])

function isRefused(t: ExecutionContext, error: Attempt['error'], title: string): void {
  t.true(error instanceof TypeError || error instanceof RangeError || error instanceof KillError, title)
  t.true(CODES.has(error?.code ?? ''), title)
  t.regex(error?.message ?? '', /Expected|Unknown signal|no option|[Cc]annot|closed/, title)
}

/** Returns whether a value is an object without members: options that are all omitted. */
function mayBeOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    if (Array.isArray(value)) return false
    return Object.keys(value).every((name) => (value as Record<string, unknown>)[name] === undefined)
  } catch {
    return false
  }
}

function isEmptyArray(value: unknown): boolean {
  try {
    return Array.isArray(value) && value.length === 0
  } catch {
    return false
  }
}

async function opened<T>(pid: number, act: (target: KillTarget) => T): Promise<Awaited<T>> {
  using target = KillTarget.fromPid(pid)
  return await act(target)
}
