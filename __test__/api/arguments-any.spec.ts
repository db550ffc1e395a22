import { constants } from 'node:os'
import test, { type ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { KillError, KillTarget } from 'killtarget'
import { type Child, line, pending, shell, sleeper, stat, state, until } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'

const { signals } = constants
/** The first real-time signal depends on the C library. From 35 on they are the same. */
const realTime = Array.from({ length: 30 }, (_, index) => 35 + index)
const names = new Map<string, number>([...Object.entries(signals), ['SIGRTMAX', 64], ['SIGRTMAX-14', 50]])
/** A stopped process takes these at once, so they never show as pending. Signal 34 is valid in some C libraries only. */
const unseen = new Set<unknown>(['SIGKILL', 'SIGCONT', signals.SIGKILL, signals.SIGCONT, 34])
const RUNS = { numRuns: Number(process.env['KILLTARGET_TEST_RUNS'] ?? 500) }

/** The codes of `KillError` for a pid that no process has, or that cannot be verified. */
const refusals = new Set(['ERR_NOT_A_PROCESS', 'ERR_IDENTITY_UNAVAILABLE'])

const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
  fc.double(),
  fc.integer(),
  fc.integer({ min: -70, max: 70 }),
  fc.string(),
  fc.func(fc.integer()),
  fc.constantFrom(-0, 2 ** 31, 2 ** 32 + 1, Symbol('any'), new Proxy({}, {}), new Proxy([], {}), globalThis),
)

/**
 * Asks the kernel, not the test. Where pids are small, an arbitrary number meets children of other tests or of the loader.
 * The answer stays true until this thread returns to its event loop: only that reaps a child, and frees its pid.
 */
const isChild = (pid: number): boolean => stat(pid)?.ppid === process.pid

const isPid = (value: unknown): value is number =>
  Number.isInteger(value) && Math.sign(value as number) === 1 && (value as number) < 2 ** 31

test("fromPid accepts the pid of a process, and refuses any other value by an error of Node's shape", (t) => {
  const { pid } = sleeper(t)
  const value = fc.oneof(anything, fc.constantFrom(pid, process.pid, process.ppid, 1))
  fc.assert(
    fc.property(value, (given) => {
      const opened = attempt(() => KillTarget.fromPid(given as number))
      if (!isPid(given)) isNodes(t, opened.error, typeof given === 'number' ? RangeError : TypeError, 'pid')
      else if (opened.error === undefined) isOf(t, opened.result!, given)
      else t.true(opened.error instanceof KillError && refusals.has(opened.error.code))
    }),
    RUNS,
  )
})

test("fromChild accepts a child object, and refuses any other value by an error of Node's shape", (t) => {
  const [child, other] = [sleeper(t), sleeper(t)]
  const pids = [child.pid, other.pid, process.pid, process.ppid, 1]
  const pid = fc.oneof(anything, fc.constantFrom(...pids, undefined, null))
  const record = fc.record({ pid, exitCode: anything, signalCode: anything }, { requiredKeys: [] })
  fc.assert(
    fc.property(fc.oneof(anything, record), (given) => {
      const opened = attempt(() => KillTarget.fromChild(given as object))
      const { pid: said, exitCode, signalCode } = Object(given) as Record<string, unknown>
      if (!['object', 'function'].includes(typeof given) || given === null) isNodes(t, opened.error, TypeError, 'child')
      else if (!('pid' in Object(given)) && !('signalCode' in Object(given)))
        isNodes(t, opened.error, TypeError, 'child')
      else if (said === undefined || said === null) t.is(opened.result, null)
      else if (!isPid(said)) isNodes(t, opened.error, typeof said === 'number' ? RangeError : TypeError, 'pid')
      else if (typeof exitCode === 'number' || typeof signalCode === 'string') t.is(opened.result, null)
      else if (opened.error === undefined) {
        t.true(opened.result!.method === 'gone' || isChild(said), `${said} is no child`)
        isOf(t, opened.result!, said)
      } else t.true(opened.error instanceof KillError && refusals.has(opened.error.code))
    }),
    RUNS,
  )
})

for (const method of ['signal', 'signalPg'] as const) {
  test(`${method} sends one signal to its process only, or sends none and throws an error of Node's shape`, async (t) => {
    const [meant, bystander] = [await stopped(t, true), await stopped(t, false)]
    const target = open(t, meant.pid)
    const sent = new Set<number>()
    const value = fc.oneof(anything, fc.constantFrom(...names.keys())).filter((given) => !unseen.has(given))
    fc.assert(
      fc.property(value, (given) => {
        const { result, error } = attempt(() => target[method](given as number))
        const numbers = numbersOf(given)
        if (numbers.length === 0) isNoSignal(t, error, given)
        else t.is(result, true)
        for (const number of numbers) if (number !== 0) sent.add(number)
        t.deepEqual(
          pending(meant.pid),
          [...sent].sort((one, another) => one - another),
        )
        t.deepEqual(pending(bystander.pid), [])
      }),
      RUNS,
    )
    t.true(sent.size > 20)
  })
}

test('an error shows a value of any size and shape in one short line, and does not run its code', (t) => {
  const fail = () => {
    throw new Error('It was run')
  }
  const values = [
    'long'.repeat(1e5),
    Array(1e5).fill('x'),
    Object.fromEntries(Array.from({ length: 1e4 }, (_, index) => [`key${index}`, index])),
    10n ** 5000n,
    new Error('several\nlines'),
    Symbol('several\nlines'),
    Object.defineProperty(() => {}, 'name', { value: 'several\nlines' }),
    Object.defineProperty({}, Symbol.toStringTag, { get: fail }),
    Object.defineProperty(new Error('read'), 'stack', { get: fail }),
  ]
  for (const value of values) {
    const { error } = attempt(() => KillTarget.fromPid(value as never))
    isNodes(t, error, TypeError, 'pid')
    t.true(error!.message.length < 300 && !error!.message.includes('\n'), error!.message.slice(0, 400))
  }
})

test('the constructor of KillTarget throws: only fromPid and fromChild make targets', (t) => {
  const Constructor = KillTarget as unknown as new (...args: unknown[]) => KillTarget
  for (const args of [[], [process.pid], [process.pid, 1]]) {
    t.throws(() => new Constructor(...args), { instanceOf: TypeError })
  }
})

test("fromPid accepts options, and refuses any other value by an error of Node's shape", (t) => {
  const value = fc.oneof(anything, fc.record({ allowUnverified: fc.oneof(anything, fc.boolean()) }))
  fc.assert(
    fc.property(value, (given) => {
      const { result, error } = attempt(() => KillTarget.fromPid(process.pid, given as object))
      if (given === undefined) isOf(t, result!, process.pid)
      else if (typeof given !== 'object' || given === null || Array.isArray(given)) {
        isNodes(t, error, TypeError, 'options')
      } else {
        const { allowUnverified, ...others } = given as Record<string, unknown>
        // A getter of the global object warns.
        if (Object.keys(others).some((name) => others[name] !== undefined)) t.is(error?.code, 'ERR_INVALID_ARG_VALUE')
        else if (['boolean', 'undefined'].includes(typeof allowUnverified)) isOf(t, result!, process.pid)
        else isNodes(t, error, TypeError, 'options.allowUnverified')
      }
    }),
    RUNS,
  )
})

interface Attempt<T> {
  result?: T
  error?: Error & { code?: string }
}

function attempt<T>(act: () => T): Attempt<T> {
  try {
    return { result: act() }
  } catch (error) {
    return { error: error as Error }
  }
}

function isNodes(
  t: ExecutionContext,
  error: Attempt<never>['error'],
  kind: typeof TypeError | typeof RangeError,
  name: string,
): void {
  t.true(error instanceof kind, error?.stack)
  t.is(error?.code, kind === RangeError ? 'ERR_OUT_OF_RANGE' : 'ERR_INVALID_ARG_TYPE')
  t.true(error?.message.startsWith(`Expected \`${name}\` to be `), error?.message)
}

function isNoSignal(t: ExecutionContext, error: Attempt<never>['error'], given: unknown): void {
  if (!['number', 'string'].includes(typeof given)) return isNodes(t, error, TypeError, 'signal')
  t.true(error instanceof TypeError, error?.stack)
  t.is(error?.code, 'ERR_UNKNOWN_SIGNAL')
}

/** Asserts the pid of a target. Sends only signal 0, as this may be any process of the system. */
function isOf(t: ExecutionContext, target: KillTarget, pid: number): void {
  t.is(target.pid, pid)
  const { result, error } = attempt(() => target.signal(0))
  t.true(typeof result === 'boolean' || error?.code === 'EPERM', error?.stack)
  target.close()
}

/** Returns the signal that is sent for a value, or none. */
function numbersOf(given: unknown): number[] {
  if (given === undefined) return [signals.SIGTERM]
  const number = typeof given === 'string' ? names.get(given) : given
  const known = number === 0 || [...names.values(), ...realTime].includes(number as number)
  return known ? [number as number] : []
}

/** Starts a stopped process: its signals stay pending, including those that it would ignore. */
async function stopped(t: ExecutionContext, detached: boolean): Promise<Child> {
  const child = shell(t, 'trap : CHLD URG WINCH; echo ready; read line', { detached })
  await line(child)
  child.kill('SIGSTOP')
  await until(() => state(child.pid) === 'T', 'it to stop')
  return child
}
