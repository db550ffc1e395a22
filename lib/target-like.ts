import { pick, read, wrongType } from './arguments.js'
import type { ChildLike } from './child.js'
import { type Handle, openGone, unwrap } from './handle.js'
import type { Method } from './method.js'
import { native } from './native.js'
import {
  closeOpened,
  makeOpened,
  openByChild,
  type Opened,
  openEndedChild,
  openInfo,
  openOrGroup,
  openPid,
  openToken,
} from './opened.js'
import { isDescription, openForeign } from './process-identity.js'
import type { ProcessInfo } from './process-info.js'

/**
 * The handle of a target, and on the prototype the binding that it is for. Other copies of the package read both, and a proxy
 * passes them on.
 */
export const HANDLE = Symbol.for('killtarget.handle.1')
export const BINDING = Symbol.for('killtarget.binding.1')

/** A `KillTarget`, also one of another copy of the package. */
export interface AnyKillTarget {
  /** The pid. */
  readonly pid: number
  /** How the process is identified. */
  readonly method: Method
  /** Whether a signal can never reach a later process with the same pid. */
  readonly raceFree: boolean
}

/** What every copy of the package has in its targets. */
interface Readable extends AnyKillTarget {
  readonly [HANDLE]: Handle
  readonly [BINDING]: typeof native
}

/**
 * A value that names a process: an open `KillTarget`, a pid, a token, the object of a child process, as for
 * `KillTarget.fromChild`, or what this package has told of a process, which its token or its start time verifies.
 */
export type TargetLike = AnyKillTarget | number | string | ChildLike | ProcessInfo | TargetJson

/** A target as JSON. It names the same process to a later program. */
export interface TargetJson {
  /** The pid that the process had. */
  readonly pid: number
  /** Its token, or `null` if it was gone. */
  readonly token: string | null
}

/** A pid in a text is a mistake, and not a token that was cut. */
const NUMBER = /^\s*[-+]?\d+\s*$/

/** The child objects that targets were opened by. */
const children = new WeakMap<object, ChildLike>()

/** Records the child object that a target was opened by. */
export function setChild(target: AnyKillTarget, child: ChildLike): void {
  children.set(target, child)
}

/** Opens the process of a target once more. Returns `null` if the value is no target. */
export function shareTarget(value: object): Opened | null {
  const { [HANDLE]: handle, [BINDING]: binding } = read('members', () => {
    const { [HANDLE]: ours, [BINDING]: theirs } = value as Partial<Readable>
    return { [HANDLE]: ours, [BINDING]: theirs }
  })
  if (typeof handle !== 'number' || binding === undefined) return null
  const { pid } = value as Readable
  const opened = binding === native ? unwrap(native.share(handle), pid) : openForeign(pid, binding, handle)
  return makeOpened(pid, opened, children.get(value))
}

/**
 * Opens what a termination leaves alone, too. If that fails, the process is closed. `null`, for a child that has none, is only
 * returned.
 *
 * A process that has exited is not left out: what it has started may be alive.
 */
export function openExcept(opened: Opened | null, except: readonly TargetLike[]): Opened | null {
  const handles: Handle[] = []
  try {
    for (const [index, target] of except.entries()) handles.push(...openExcepted(target, index))
    // Now, and not at the end of a time limit.
    if (opened !== null && handles.length > 0) {
      unwrap(native.checkScope(opened.handle, null, true, handles), opened.pid)
    }
  } catch (error) {
    close(opened, handles)
    throw error
  }
  if (opened !== null) return { ...opened, except: handles }
  close(null, handles)
  return null
}

function close(opened: Opened | null, except: readonly Handle[]): void {
  if (opened !== null) closeOpened(opened)
  for (const handle of except) native.close(handle)
}

/** Puts a name before the message of an error. */
function naming<T>(name: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof Error) error.message = `\`${name}\`: ${error.message}`
    throw error
  }
}

/** A child that was not started has none. */
function openExcepted(target: TargetLike, index: number): Handle[] {
  const opened = naming(`options.except[${index}]`, () => openTarget(target))
  if (opened !== null) return [opened.handle]
  const { pid } = pick(target as ChildLike, ['pid'])
  return typeof pid === 'number' ? [openGone(pid)] : []
}

/** Opens a target, which the caller has to close. Returns `null` for a child that was not started or has exited. */
export function openTarget(target: TargetLike): Opened | null {
  if (typeof target === 'number') return openPid(target)
  if (typeof target === 'string' && !NUMBER.test(target)) return openToken(target, 'target')
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw wrongType('target', 'a KillTarget, a pid, a token or an object with a `pid`', target)
  }
  const shared = shareTarget(target)
  if (shared !== null) return shared
  return isDescription(target) ? openInfo(target) : openByChild(target, undefined, 'target')
}

/**
 * Opens a target to terminate it at once, which the caller has to close. If its process is over, that is the session or group
 * which it has left behind. Returns `null` for a child that was not started, or has exited and left none.
 */
export function openToTerminate(target: TargetLike): Opened | null {
  if (typeof target === 'number') return openOrGroup(target)
  const opened = openTarget(target)
  return opened ?? openEndedChild(target as ChildLike)
}
