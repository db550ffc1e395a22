import { constants } from 'node:os'
import test from 'ava'
import { KillTarget, type Signal } from 'killtarget'
import { sleeper } from '../helpers/processes.ts'

type Refused = [argument: unknown, code: string, shown?: string]

const TYPE = 'ERR_INVALID_ARG_TYPE'
const RANGE = 'ERR_OUT_OF_RANGE'

/** An error message must not call a method, a getter or a proxy's trap of the value. */
const hostile = {
  toString: () => fail(),
  valueOf: () => fail(),
  toJSON: () => fail(),
  inspect: () => fail(),
  [Symbol.toPrimitive]: () => fail(),
  [Symbol.for('nodejs.util.inspect.custom')]: () => fail(),
  get pid() {
    return fail()
  },
}

const noPids: Refused[] = [
  [0, RANGE, '0'],
  [-0, RANGE, '-0'],
  [-1, RANGE, '-1'],
  [-process.pid, RANGE, String(-process.pid)],
  [NaN, RANGE, 'NaN'],
  [1.5, RANGE, '1.5'],
  [Infinity, RANGE, 'Infinity'],
  [-Infinity, RANGE, '-Infinity'],
  [2 ** 31, RANGE, '2147483648'],
  [2 ** 32 + process.pid, RANGE],
  [Number.MAX_VALUE, RANGE, '1.7976931348623157e+308'],
  [Number.MIN_VALUE, RANGE, '5e-324'],
  ['12', TYPE, "'12'"],
  ['', TYPE, "''"],
  [12n, TYPE, '12n'],
  [true, TYPE, 'true'],
  [[], TYPE, '[]'],
  [[12], TYPE],
  [{}, TYPE, '{}'],
  [{ valueOf: () => 12 }, TYPE],
  [Object(12), TYPE, '[Number: 12]'],
  [Symbol('twelve'), TYPE, 'Symbol(twelve)'],
  [() => 12, TYPE],
  [new Date(12), TYPE],
  [hostile, TYPE],
]

/** In some places these stand for a default, or for a child without a process. In others they are refused. */
const nothing: Refused[] = [
  [undefined, TYPE, 'undefined'],
  [null, TYPE, 'null'],
]

const refuses = test.macro(
  (t, name: string, expected: string, call: (argument: never) => unknown, refused: Refused[]) => {
    for (const [argument, code, shown] of refused) {
      const instanceOf = code === RANGE ? RangeError : TypeError
      const error = t.throws(() => call(argument as never), { instanceOf, code })
      t.true(error?.message.startsWith(`Expected \`${name}\` to be ${expected}`), error?.message)
      t.true(error?.message.endsWith(`\` (${typeof argument})`), error?.message)
      if (shown !== undefined) t.true(error?.message.includes(`, got \`${shown}\` (`), error?.message)
    }
  },
)

const isOf = (wanted: string) => (refused: Refused) => refused[1] === wanted
const anyPid = [...noPids, ...nothing]

test(
  'fromPid refuses a number that is no pid',
  refuses,
  'pid',
  'a positive 32-bit integer',
  KillTarget.fromPid,
  anyPid.filter(isOf(RANGE)),
)
test(
  'fromPid refuses a value that is no number',
  refuses,
  'pid',
  'a number',
  KillTarget.fromPid,
  anyPid.filter(isOf(TYPE)),
)

const childWith = (pid: never) => KillTarget.fromChild({ pid })
test(
  'fromChild refuses a number that is no pid',
  refuses,
  'pid',
  'a positive 32-bit integer',
  childWith,
  noPids.filter(isOf(RANGE)),
)
test('fromChild refuses a pid that is no number', refuses, 'pid', 'a number', childWith, noPids.filter(isOf(TYPE)))

test('fromChild refuses a value that is no object', refuses, 'child', 'an object with a `pid`', KillTarget.fromChild, [
  ...nothing,
  [12, TYPE, '12'],
  ['12', TYPE, "'12'"],
  [12n, TYPE, '12n'],
  [false, TYPE, 'false'],
  [Symbol('child'), TYPE, 'Symbol(child)'],
])

const noOptions: Refused[] = [
  [null, TYPE, 'null'],
  [true, TYPE, 'true'],
  ['allowUnverified', TYPE],
  [1, TYPE],
]
test(
  'fromPid refuses options that are no object',
  refuses,
  'options',
  'an object',
  (options) => KillTarget.fromPid(process.pid, options),
  noOptions,
)
test(
  'fromChild refuses options that are no object',
  refuses,
  'options',
  'an object',
  (options) => KillTarget.fromChild({ pid: undefined }, options),
  noOptions,
)

const noBooleans: Refused[] = [
  [null, TYPE, 'null'],
  [1, TYPE, '1'],
  ['true', TYPE, "'true'"],
  [Object(true), TYPE],
]
test(
  'fromPid refuses an allowUnverified that is no boolean',
  refuses,
  'options.allowUnverified',
  'a boolean',
  opensWith,
  noBooleans,
)

for (const method of ['signal', 'signalPg'] as const) {
  test(
    `${method} refuses a signal that is neither a string nor a number`,
    refuses,
    'signal',
    'a signal name or number',
    sends(method),
    [[null, TYPE, 'null'], ...noPids.filter(([argument]) => !['number', 'string'].includes(typeof argument))],
  )

  test(`${method} names an unknown signal in its error`, (t) => {
    for (const [signal, shown] of [
      ['SIGNONE', "'SIGNONE'"],
      [-1, '-1'],
      [NaN, 'NaN'],
      [1.5, '1.5'],
      [32, '32'],
      [65, '65'],
      [2 ** 32 + constants.signals.SIGKILL, '4294967305'],
    ] as const) {
      const remedy = "Pass a signal name such as 'SIGTERM', or a signal number of this system."
      const message = `Unknown signal: ${shown}. ${remedy}`
      const expected = { instanceOf: TypeError, code: 'ERR_UNKNOWN_SIGNAL', message }
      t.throws(() => sends(method)(signal as never), expected)
    }
  })
}

test('undefined counts as an omitted argument', (t) => {
  const { pid } = sleeper(t)
  KillTarget.fromPid(pid, undefined).close()
  KillTarget.fromPid(pid, { allowUnverified: undefined } as never).close()
  t.is(KillTarget.fromChild({ pid: undefined }, undefined), null)
})

test('fromChild returns null for a child that never started or has exited', (t) => {
  const { pid } = sleeper(t)
  for (const child of [{ pid: undefined }, { pid: null }, { pid, exitCode: 0 }, { pid, signalCode: 'SIGTERM' }]) {
    t.is(KillTarget.fromChild(child), null)
  }
})

test('fromChild reads the pid of a child object once', (t) => {
  const [first, second] = [sleeper(t), sleeper(t)]
  const pids = [first.pid, second.pid, 0, -1]
  using target = KillTarget.fromChild({
    get pid() {
      return pids.shift()!
    },
  })
  t.is(target?.pid, first.pid)
  t.is(pids.length, 3)
})

function fail(): never {
  throw new Error('The code of an argument was run')
}

function opensWith(allowUnverified: never): KillTarget {
  return KillTarget.fromPid(process.pid, { allowUnverified })
}

/** Sends to this process itself: each signal must be refused. */
function sends(method: 'signal' | 'signalPg'): (signal: Signal) => boolean {
  const target = KillTarget.fromPid(process.pid)
  return (signal) => target[method](signal)
}
