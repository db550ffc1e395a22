import { inspect } from 'node:util'
import { isSimilar } from './similar-names.js'

const MAX_PID = 2 ** 31 - 1

/** The most characters that a message shows of a value. */
const MAX_VALUE_LENGTH = 120

/** Checks a pid. To the system, 0 and negative numbers address process groups or all processes: they are no pids. */
export function checkPid(pid: unknown): asserts pid is number {
  if (typeof pid !== 'number') throw wrongType('pid', 'a number', pid)
  if (!Number.isInteger(pid) || pid < 1 || pid > MAX_PID) throw outOfRange('pid', 'a positive 32-bit integer', pid)
}

/** Reads an argument. If its getter or a trap of its proxy throws, that is the `cause` of an error of Node's shape. */
export function read<T>(what: string, get: () => T): T {
  try {
    return get()
  } catch (cause) {
    const message = `Expected an argument whose ${what} can be read, but reading it threw. See the \`cause\` of this error.`
    throw withCode(new TypeError(message, { cause }), 'ERR_INVALID_ARG_TYPE')
  }
}

/**
 * Returns whether an object has a member, of its own or inherited. A member that only `Object.prototype` has does not count:
 * other code has put it there.
 */
export function hasMember(object: object, name: PropertyKey): boolean {
  return read(`\`${String(name)}\``, () => has(object, name))
}

function has(object: object, name: PropertyKey): boolean {
  for (let holder: object | null = object; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (Object.hasOwn(holder, name)) return holder === object || !isObjectPrototype(holder)
  }
  return name in object // a proxy may say so
}

/** Returns whether this is the `Object.prototype` of any realm. */
function isObjectPrototype(object: object): boolean {
  return Object.getPrototypeOf(object) === null && Object.hasOwn(object, 'isPrototypeOf')
}

/** Returns some members of an object, in an object that inherits nothing. */
export function pick<T extends object, K extends keyof T>(object: T, names: readonly K[]): Pick<T, K> {
  const picked = Object.create(null) as Pick<T, K>
  for (const name of names) {
    if (hasMember(object, name)) picked[name] = read(`\`${String(name)}\``, () => object[name])
  }
  return picked
}

/**
 * Returns the options by their names, in an object that inherits nothing. Other options are refused.
 *
 * @param meant What was probably meant by the name of another option.
 */
export function pickOptions<T extends object, K extends keyof T & string>(
  options: unknown,
  names: readonly K[],
  { name = 'options', meant = {} }: { name?: string; meant?: Readonly<Record<string, string>> } = {},
): Pick<T, K> {
  if (typeof options !== 'object' || options === null || read('type', () => Array.isArray(options))) {
    throw wrongType(name, 'an object', options)
  }
  const passed = options as T
  for (const other of read('members', () => Object.keys(passed))) {
    if ((names as readonly string[]).includes(other)) continue
    if (read(`\`${other}\``, () => passed[other as keyof T]) === undefined) continue
    throw invalidValue(unknownOption(`${name}.${other}`, other, names, meant))
  }
  return pick(passed, names)
}

function unknownOption(
  path: string,
  other: string,
  names: readonly string[],
  meant: Readonly<Record<string, string>>,
): string {
  const similar = names.find((name) => isSimilar(name, other))
  const hint = Object.hasOwn(meant, other) ? meant[other] : similar && `Did you mean \`${similar}\`?`
  const all = `The options are ${names.map((name) => `\`${name}\``).join(', ')}.`
  return `There is no option \`${path}\`. ${hint ?? all}`
}

export function checkBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value)
}

/** Checks a number of milliseconds. `Infinity` is no limit. */
export function checkDuration(name: string, value: unknown, alternative = ''): asserts value is number {
  if (typeof value !== 'number') throw wrongType(name, `a number${alternative}`, value)
  if (!(value >= 0)) throw outOfRange(name, `a non-negative number of milliseconds${alternative}`, value)
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongType(name, 'a function', value)
}

/** Maps the elements of an array. Holes are `undefined`. Returns `null` for another value. */
export function mapElements<T>(value: unknown, map: (element: unknown, index: number) => T): T[] | null {
  const length = read('elements', () => (Array.isArray(value) ? value.length : null))
  if (length === null) return null
  // Each is mapped as it is read: a sparse array of any length is refused at its first hole.
  return Array.from({ length }, (_, at) =>
    map(
      read('elements', () => (value as unknown[])[at]),
      at,
    ),
  )
}

export function checkOneOf<T extends string>(name: string, values: readonly T[], value: unknown): asserts value is T {
  const expected = `one of ${values.map((each) => `'${each}'`).join(', ')}`
  if (typeof value !== 'string') throw wrongType(name, expected, value)
  if ((values as readonly string[]).includes(value)) return
  throw wrongValue(name, expected, value)
}

/** Makes the error for two options that exclude each other. */
export function incompatible(option: string, other: string): TypeError {
  const message = `Cannot combine \`${option}\` with \`${other}\`. Pass only one of them.`
  return withCode(new TypeError(message), 'ERR_INCOMPATIBLE_OPTION_PAIR')
}

export function invalidValue(message: string): TypeError {
  return withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE')
}

/** Makes the error for a value of the right type that is not what was expected. */
export function wrongValue(name: string, expected: string, value: unknown): TypeError {
  return invalidValue(unexpected(name, expected, value))
}

export function wrongType(name: string, expected: string, value: unknown): TypeError {
  return withCode(new TypeError(unexpected(name, expected, value)), 'ERR_INVALID_ARG_TYPE')
}

/** @param meant The signal that was probably meant. */
export function unknownSignal(signal: string | number, meant?: string | number): TypeError {
  const remedy =
    meant === undefined
      ? "Pass a signal name such as 'SIGTERM', or a signal number of this system."
      : `Did you mean ${show(meant)}?`
  return withCode(new TypeError(`Unknown signal: ${show(signal)}. ${remedy}`), 'ERR_UNKNOWN_SIGNAL')
}

export function outOfRange(name: string, expected: string, value: unknown): RangeError {
  return withCode(new RangeError(unexpected(name, expected, value)), 'ERR_OUT_OF_RANGE')
}

function unexpected(name: string, expected: string, value: unknown): string {
  return `Expected \`${name}\` to be ${expected}, got \`${show(value)}\` (${typeof value})`
}

/** Formats a value as one short line. */
function show(value: unknown): string {
  const line = inspected(value).replaceAll(/\s+/g, ' ')
  return line.length > MAX_VALUE_LENGTH ? `${line.slice(0, MAX_VALUE_LENGTH)}...` : line
}

function inspected(value: unknown): string {
  const options = { depth: 0, breakLength: Infinity, maxStringLength: 80, maxArrayLength: 3, customInspect: false }
  try {
    return inspect(value, options)
  } catch {
    return '?' // a getter of the value has thrown (its tag, an error's stack)
  }
}

function withCode<E extends Error>(error: E, code: string): E & { code: string } {
  return Object.assign(error, { code })
}
