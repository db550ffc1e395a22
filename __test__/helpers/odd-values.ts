import { type ChildProcess, spawn } from 'node:child_process'
import { createContext, runInContext } from 'node:vm'
import { MessageChannel } from 'node:worker_threads'
import { descendants, KillTarget } from 'killtarget'
import type { Child } from './processes.ts'

/** Makes a value. What it reads of the child is all that it knows. */
type Make = (child: Child) => unknown

const { proxy: revokedProxy, revoke } = Proxy.revocable({}, {})
revoke()
const { proxy: revokedFunction, revoke: revokeFunction } = Proxy.revocable(() => {}, {})
revokeFunction()
const { proxy: revokedArray, revoke: revokeArray } = Proxy.revocable([], {})
revokeArray()

const fail = () => {
  throw new Error('a trap or getter of the test')
}
const throwing = new Proxy(
  {},
  { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail },
)

function getter(...names: string[]): object {
  return Object.defineProperties(
    {},
    Object.fromEntries(names.map((name) => [name, { get: fail, enumerable: true, configurable: true }])),
  )
}

// oxlint-disable-next-line unicorn/no-thenable
const thenable = { then: (resolve: () => void) => resolve() }

const realm = createContext()
const inOtherRealm = (source: string): unknown => runInContext(source, realm)

const infoOf = ({ pid }: Child) => descendants(process.pid).find((info) => info.pid === pid)!

function closed({ pid }: Child): KillTarget {
  const target = KillTarget.fromPid(pid)
  target.close()
  return target
}

function copyOf({ pid }: Child): object {
  using target = KillTarget.fromPid(pid)
  return structuredClone({ ...target })
}

function unstarted(): ChildProcess {
  return spawn('/no/such/program').on('error', () => {})
}

/** An emulation of an AbortSignal with other members. */
const signalLike = (members: object) => ({
  aborted: true,
  addEventListener() {},
  removeEventListener() {},
  ...members,
})

/** Values that name the process of the child, as a target. */
export const naming: Readonly<Record<string, Make>> = {
  'a pid': ({ pid }) => pid,
  'a child': (child) => child,
  'a proxy of a child': (child) => new Proxy(child, {}),
  'a pid in an object': ({ pid }) => ({ pid }),
  'a frozen object': ({ pid }) => Object.freeze({ pid }),
  'an object without a prototype': ({ pid }) => Object.assign(Object.create(null), { pid }) as object,
  'an object that inherits its pid': (child) => Object.create({ pid: child.pid }) as object,
  'an object of another realm': ({ pid }) => inOtherRealm(`({ pid: ${pid} })`) as object,
  'a function with a pid': ({ pid }) => Object.assign(() => {}, { pid }),
  'a class with a pid': ({ pid }) => Object.assign(class extends Set {}, { pid }),
  'a promise with a pid': ({ pid }) => Object.assign(Promise.resolve(), { pid }),
  'an array with a pid': ({ pid }) => Object.assign([], { pid }),
  'a Map with a pid': ({ pid }) => Object.assign(new Map(), { pid }),
  'a child of a pseudo-terminal': ({ pid }) => ({ pid, process: 'sleep', onExit: () => ({ dispose() {} }), kill() {} }),
  'a structured clone of a child': ({ pid, exitCode, signalCode }) => structuredClone({ pid, exitCode, signalCode }),
  'a ProcessInfo': infoOf,
  'a structured clone of a ProcessInfo': (child) => structuredClone(infoOf(child)),
  'a ProcessInfo of another realm': (child) => inOtherRealm(`(${JSON.stringify(infoOf(child))})`) as object,
  'a child whose other getters throw': ({ pid }) => Object.assign(getter('stdio', 'spawnfile'), { pid }),
}

/** Objects of children that were not started: no process is theirs. */
export const unborn: Readonly<Record<string, Make>> = {
  'a child that was not started': unstarted,
  'an object whose pid is undefined': () => ({ pid: undefined }),
  'an object whose pid is null': () => ({ pid: null }),
}

/** Other values: none names a process. */
export const nameless: Readonly<Record<string, Make>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  zero: () => 0,
  'minus zero': () => -0,
  'minus one': () => -1,
  'the negative pid': ({ pid }) => -pid,
  NaN: () => NaN,
  Infinity: () => Infinity,
  'minus Infinity': () => -Infinity,
  'a fraction': () => 0.5,
  'two to the 31st': () => 2 ** 31,
  'a pid beyond 32 bits': ({ pid }) => 2 ** 32 + pid,
  'the greatest safe integer': () => Number.MAX_SAFE_INTEGER,
  'the greatest number': () => Number.MAX_VALUE,
  'the least number': () => Number.MIN_VALUE,
  'an empty string': () => '',
  'a space': () => ' ',
  'a word': () => 'all',
  'a pid in a string': ({ pid }) => String(pid),
  'a signal name': () => 'SIGURG',
  'a signal name in lower case': () => 'sigterm',
  'a String object': ({ pid }) => Object(String(pid)) as object,
  'a Number object': ({ pid }) => Object(pid) as object,
  'a Boolean object': () => Object(false) as object,
  'a bigint': ({ pid }) => BigInt(pid),
  'a symbol': () => Symbol('pid'),
  'an empty object': () => ({}),
  'an empty object without a prototype': () => Object.create(null) as object,
  'an empty frozen object': () => Object.freeze({}),
  'an empty object of another realm': () => inOtherRealm('({})') as object,
  'an empty array': () => [],
  'a sparse array': () => Object.assign([], { length: 1 }),
  'a sparse array of the greatest length': () => Object.assign([], { length: 2 ** 32 - 1 }),
  'an array of a pid': ({ pid }) => [pid],
  'an array of a child': (child) => [child],
  'an array of another realm': () => inOtherRealm('[null]') as unknown[],
  'an array without a prototype': () => Object.setPrototypeOf([], null) as object,
  'a proxy of an object': () => new Proxy({}, {}),
  'a proxy of an array': () => new Proxy([], {}),
  'a revoked proxy': () => revokedProxy,
  'a revoked proxy of a function': () => revokedFunction,
  'a revoked proxy of an array': () => revokedArray,
  'a proxy whose traps throw': () => throwing,
  'a proxy of an array whose traps throw': () => new Proxy([], { get: fail }),
  'an object whose pid throws': () => getter('pid'),
  'an object whose startTime throws': ({ pid }) => Object.assign(getter('startTime'), { pid }),
  'an object whose exitCode throws': ({ pid }) => Object.assign(getter('exitCode', 'signalCode'), { pid }),
  'an object whose options throw': () => getter('scope', 'grace', 'timeout', 'allowUnverified'),
  'an object whose own getter throws': () => getter('other'),
  'an object with a pid in a string': ({ pid }) => ({ pid: String(pid) }),
  'an object with a negative pid': ({ pid }) => ({ pid: -pid }),
  'a ProcessInfo without a start time': ({ pid }) => ({ pid, startTime: undefined }),
  'a ProcessInfo with an unknown start time': ({ pid }) => ({ pid, startTime: null }),
  'a ProcessInfo whose start time is NaN': ({ pid }) => ({ pid, startTime: NaN }),
  'a ProcessInfo whose start time is Infinity': ({ pid }) => ({ pid, startTime: Infinity }),
  'a ProcessInfo whose start time is a Date': ({ pid }) => ({ pid, startTime: new Date() }),
  'a closed target': closed,
  'a structured clone of a target': copyOf,
  'the members of a target': ({ pid }) => ({ pid, method: 'pidfd', raceFree: true }),
  'a promise': () => Promise.resolve(),
  'a promise of a child': (child) => Promise.resolve(child),
  'a thenable': () => thenable,
  'an object that holds a child': (child) => ({ child }),
  'an object that holds a process': (child) => ({ process: child }),
  'an object that holds a subprocess': (child) => ({ subprocess: child }),
  'a worker of a cluster': (child) => ({ id: 1, process: child, isDead: () => false }),
  'a function': () => () => {},
  'an async function': () => async () => {},
  'a generator': () => (function* () {})(),
  'a class': () => Set,
  'the class KillTarget': () => KillTarget,
  'the prototype of KillTarget': () => KillTarget.prototype as object,
  'a Date': () => new Date(),
  'an invalid Date': () => new Date(NaN),
  'a RegExp': () => /./,
  'an Error': () => new Error('no'),
  'a Map': ({ pid }) => new Map([['pid', pid]]),
  'a Set': ({ pid }) => new Set([pid]),
  'a WeakRef': (child) => new WeakRef(child),
  'a Buffer': () => Buffer.from('pid'),
  'a typed array': () => new Float64Array(),
  'an ArrayBuffer': () => new ArrayBuffer(4),
  'a MessagePort': () => {
    const { port1 } = new MessageChannel()
    port1.close()
    return port1
  },
  'a URL': () => new URL('file:///'),
  'an aborted AbortSignal': () => AbortSignal.abort(),
  'an AbortController': () => new AbortController(),
  'a proxy of an AbortSignal': () => new Proxy(AbortSignal.abort(), {}),
  'an object that inherits from AbortSignal': () => Object.create(AbortSignal.prototype) as object,
  'the members of an AbortSignal': () => signalLike({}),
  'an AbortSignal of another realm': () =>
    inOtherRealm('({ aborted: true, addEventListener() {}, removeEventListener() {} })') as object,
  'an AbortSignal whose listeners are no functions': () => signalLike({ addEventListener: 1, removeEventListener: 1 }),
  'an AbortSignal whose state is no boolean': () => signalLike({ aborted: 'yes' }),
  'an AbortSignal whose state throws': () => Object.defineProperty(signalLike({}), 'aborted', { get: fail }),
}

/** Every value, by its name. */
export const values: Readonly<Record<string, Make>> = { ...naming, ...unborn, ...nameless }
