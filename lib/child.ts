import { versions } from 'node:process'
import { setTimeout } from 'node:timers'
import { hasMember, pick, read, wrongType } from './arguments.js'
import { KillError } from './errors.js'
import { type Handle, isFailure, openGone, unwrap } from './handle.js'
import { native, sharedState } from './native.js'

/**
 * An object that stands for a child process: Node's `ChildProcess`, the subprocess of execa, zx, tinyexec or Bun, node-pty's
 * `IPty`, or Deno's `ChildProcess`.
 */
export interface ChildLike {
  /** The pid of the child. Absent if the child was never started. */
  readonly pid?: number | null | undefined
  /** A number if the child has exited. Other values are ignored. */
  readonly exitCode?: unknown
  /** A string if a signal terminated the child. Other values are ignored. */
  readonly signalCode?: unknown
}

/** What identifies the process of a child object. It is recorded when the object is first opened. */
interface ChildRecord {
  /** The pid that the object had. If the object has another pid now, it stands for another process. */
  readonly pid: number
  /** Whether the process is known to have exited. Its pid may then belong to another process. */
  hasExited: boolean
  /** Distinguishes the process from later ones with its pid. Absent if it has exited, or if no such fact is available. */
  readonly identity: string | undefined
  /** Keeps the process open until its identity is settled: until no later process can have the same one. */
  handle: Handle | undefined
}

/** Milliseconds. Longer than the clock tick in which start times are counted, which is 10 ms on nearly all systems. */
const SETTLE_INTERVAL = 20

const records = sharedState('children', () => new WeakMap<ChildLike, ChildRecord>())

/** Checks that a value is the object of a child: it has a pid, or the fields of a child that was not started. */
export function checkChild(child: unknown, name = 'child'): asserts child is ChildLike {
  if (!isObject(child)) throw wrongType(name, 'an object with a `pid`', child)
  // A copy of a target has no handle: nothing verifies that its pid is still that of the process.
  if (hasMember(child, 'raceFree') && hasMember(child, 'method')) {
    throw wrongType(name, 'the object of a child (pass a KillTarget itself to a function, and not a copy of it)', child)
  }
  if (hasMember(child, 'pid') || hasMember(child, 'signalCode')) return
  throw wrongType(name, `an object with a \`pid\`${hintFor(child)}`, child)
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** Members of other objects that hold a child. In node-pty's, `process` is a name. */
const HOLDERS = ['process', 'child', 'subprocess'] as const

/** Returns what to pass instead of an object without a pid. */
function hintFor(object: object): string {
  if (read('type', () => Array.isArray(object))) return ' (pass one element at a time)'
  if (hasMember(object, 'then')) return ' (await the promise, or pass its child)'
  const holder = HOLDERS.find((name) => isObject(pick(object as Record<string, unknown>, [name])[name]))
  return holder === undefined ? '' : ` (pass its \`${holder}\`)`
}

/** Returns whether the object says that the child has exited. The fields of execa and zx may hold promises instead. */
export function hasExited(child: ChildLike): boolean {
  const { exitCode, signalCode } = pick(child, ['exitCode', 'signalCode'])
  if (typeof exitCode === 'number') return true
  return typeof signalCode === 'string' && !(isSignalCodeOfKill(child) && takesSignals(child))
}

interface KillableChild extends ChildLike {
  readonly killed?: unknown
  kill?: (signal: number) => unknown
}

/**
 * Returns whether `signalCode` is only what was passed to `kill()`. Deno sets it there, and keeps it if the child handles the
 * signal and exits otherwise.
 */
export function isSignalCodeOfKill(child: KillableChild): boolean {
  return versions['deno'] !== undefined && pick(child, ['killed']).killed === true
}

/** Returns whether the runtime would still signal the child, which it does not once it has reaped it. */
function takesSignals(child: KillableChild): boolean {
  const { kill } = pick(child, ['kill'])
  try {
    return typeof kill === 'function' && kill.call(child, 0) === true
  } catch {
    return false
  }
}

/**
 * Opens the process of a child object.
 *
 * The core verifies that the process is a child of this one. A younger child with a reused pid passes that check, too. So
 * the identity of the process is recorded when the object is first opened, and compared from then on.
 */
export function openChild(child: ChildLike, pid: number, allowUnverified: boolean): Handle {
  const record = records.get(child)
  if (record?.pid !== pid) {
    if (record !== undefined) closeHandle(record)
    const handle = unwrap(native.openChild(pid, allowUnverified), pid)
    records.set(child, makeRecord(handle, pid))
    return handle
  }
  settle(record)
  if (record.handle !== undefined) return unwrap(native.share(record.handle), pid)
  return record.hasExited ? openGone(pid) : reopen(record, pid, allowUnverified)
}

function makeRecord(handle: Handle, pid: number): ChildRecord {
  const identity = native.identity(handle)
  if (identity == null) return { pid, hasExited: true, identity: undefined, handle: undefined }
  if (isFailure(identity)) return { pid, hasExited: false, identity: undefined, handle: undefined }
  const record: ChildRecord = { pid, hasExited: false, identity: identity.mark, handle: undefined }
  if (!identity.settled) {
    record.handle = unwrap(native.share(handle), pid)
    settleLater(record)
  }
  return record
}

/** Repeats until the handle is closed: an identity that is not settled now is settled later. */
function settleLater(record: ChildRecord): void {
  const check = () => {
    settle(record)
    if (record.handle !== undefined) settleLater(record)
  }
  setTimeout(check, SETTLE_INTERVAL).unref()
}

/** Closes the record's handle if the identity is settled, or if the process has exited. */
function settle(record: ChildRecord): void {
  if (record.handle === undefined) return
  const identity = native.identity(record.handle)
  if (identity != null && (isFailure(identity) || !identity.settled)) return
  record.hasExited = identity == null
  closeHandle(record)
}

function closeHandle(record: ChildRecord): void {
  if (record.handle !== undefined) native.close(record.handle)
  record.handle = undefined
}

/** Returns what kind of fact an identity is, such as a start time. Only identities of one kind can be compared. */
function kindOf(identity: string): string {
  return identity.slice(0, identity.indexOf(':'))
}

/** Opens the process that has the pid now, if it is the recorded one. */
function reopen(record: ChildRecord, pid: number, allowUnverified: boolean): Handle {
  const handle = unwrap(native.openChild(pid, allowUnverified), pid)
  const found = native.identity(handle)
  if (found == null) return handle // it has exited, so nothing will be sent to it
  const { identity } = record
  const isComparable = identity !== undefined && !isFailure(found) && kindOf(identity) === kindOf(found.mark)
  if (isComparable ? found.mark === identity : allowUnverified) return handle
  native.close(handle)
  if (isComparable) return openGone(pid)
  const message =
    `Cannot verify that process ${pid} is still the child that the object stood for. ` +
    'Keep the first target of the object, or pass `allowUnverified: true` to open the process by its pid.'
  throw new KillError({ code: 'ERR_IDENTITY_UNAVAILABLE', message, pid })
}
