import { constants } from 'node:os'
import test, { type ExecutionContext } from 'ava'
import type { Signal } from 'killtarget'
import { ended, grandchild, line, pending, shell, sleeper, state, until } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'

const { signals } = constants

/** The C library reserves the first ones: two in glibc, three in musl. */
const glibc = 'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header
const [first, last] = [glibc ? 34 : 35, 64]
const realTime = Array.from({ length: last - first + 1 }, (_, index) => first + index)

const arrives = test.macro(async (t, cases: readonly (readonly [Signal, number])[]) => {
  for (const [signal, number] of cases) t.is(await arrival(t, signal), number, String(signal))
})

const entries = Object.entries(signals) as [Signal, number][]

test('every signal name sends the signal of its number', arrives, entries)
test(
  'every signal number sends that signal',
  arrives,
  [...entries.map(([, number]) => number), ...realTime].map((number) => [number, number] as const),
)
test('real-time signals have names that count from SIGRTMIN and from SIGRTMAX', arrives, [
  ['SIGRTMIN', first],
  ...realTime.slice(1).map((number) => [`SIGRTMIN+${number - first}`, number] as const),
  ...realTime.slice(0, -1).map((number) => [`SIGRTMAX-${last - number}`, number] as const),
  ['SIGRTMAX', last],
])

const ends = test.macro({
  title: (_, signal: Signal, number: number) =>
    `signal sends ${signal} as number ${number}, which terminates the process`,
  async exec(t, signal: Signal, number: number) {
    const { pid, reaped } = await grandchild(t)
    const target = open(t, pid)
    t.true(target.signal(signal))
    t.is(await reaped(), 128 + number)
    t.false(target.signal(signal))
  },
})

test(ends, 'SIGTERM', signals.SIGTERM)
test(ends, 'SIGKILL', signals.SIGKILL)
test(ends, signals.SIGHUP, signals.SIGHUP)
test(ends, 'SIGRTMIN', first)
test(ends, 'SIGRTMIN+3', first + 3)
test(ends, 'SIGRTMAX-1', last - 1)
test(ends, 'SIGRTMAX', last)

test('signal refuses an unknown signal, and sends none', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  const names = [
    '',
    'TERM',
    'sigterm',
    'SIGTERM ',
    '15',
    'SIGFOO',
    'SIGRTMIN+0',
    'SIGRTMIN-1',
    'SIGRTMAX+1',
    'SIGRTMAX-99',
  ]
  const numbers = [-1, -15, 1.5, first - 1, last + 1, 256 + 9, 2 ** 32 + 9, NaN, Infinity]
  for (const signal of [...names, ...numbers, 'constructor', '__proto__']) {
    t.throws(
      () => target.signal(signal as Signal),
      { instanceOf: TypeError, code: 'ERR_UNKNOWN_SIGNAL' },
      String(signal),
    )
  }
  target.signal('SIGUSR1')
  t.is((await ended(child)).signal, 'SIGUSR1')
})

/** Returns the signal that arrives at a process. The process is stopped, so that most signals stay pending. */
async function arrival(t: ExecutionContext, signal: Signal): Promise<number | undefined> {
  // An ignored signal would not become pending.
  const child = shell(t, 'trap : CHLD URG WINCH CONT; echo ready; read line; read line')
  await line(child)
  const target = open(t, child.pid)
  child.kill('SIGSTOP')
  await until(() => state(child.pid) === 'T')
  t.true(target.signal(signal))
  const [seen, ...others] = pending(child.pid)
  t.deepEqual(others, [])
  if (seen !== undefined) return seen
  // The process was continued, or it was killed. If it was continued, this terminates it.
  child.kill('SIGTERM')
  const { signal: end } = await ended(child)
  return end === 'SIGTERM' ? signals.SIGCONT : signals[end!]
}
