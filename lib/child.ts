import { setTimeout } from 'node:timers'
import { wrongType } from './arguments.js'
import { KillError } from './errors.js'
import { native } from './native.js'
import { type Handle, unwrap } from './handle.js'

/**
 * Any object for a child process: Node's `ChildProcess`, those of execa and zx, Bun's `Subprocess`, Deno's
 * `ChildProcess`.
 */
export interface ChildLike {
  /** The pid. None: the process was never started. */
  readonly pid?: number | null | undefined
  /** A number once the child has ended by itself. */
  readonly exitCode?: unknown
  /** A string once a signal has ended the child. */
  readonly signalCode?: unknown
}

/** What is remembered of a child object from its first sight on. */
interface Sight {
  /** The object's pid then. One that has another by now stands for another process. */
  readonly pid: number
  /** The process is known to be over: whoever has its number now is another. */
  over: boolean
  /** By what its process is recognized. None: it is over, or nothing here tells it from another. */
  mark: string | undefined
  /** A hold on the process until its mark is beyond doubt. */
  anchor: Handle | undefined
}

/** Milliseconds; longer than the clock tick that start times are counted in, which is 10 ms nearly everywhere. */
const SETTLING_TIME = 20

const sights = new WeakMap<ChildLike, Sight>()

export function checkChild(child: unknown): asserts child is ChildLike {
  if ((typeof child !== 'object' && typeof child !== 'function') || child === null) {
    throw wrongType('child', 'an object with a `pid`', child)
  }
}

/** Whether the object itself says that the child has ended. execa's and zx's may hold a promise there. */
export function hasEnded(child: ChildLike): boolean {
  return typeof child.exitCode === 'number' || typeof child.signalCode === 'string'
}

/**
 * Opens the process of a child object. That whoever has the number is a child of this process is checked each time; but
 * a younger sibling that was given the number is one, too. So what the object stood for at first sight is remembered.
 */
export function openChild(child: ChildLike, pid: number, allowUnverified: boolean): Handle {
  const sight = sights.get(child)
  if (sight?.pid !== pid) {
    if (sight !== undefined) letGo(sight)
    const handle = unwrap(native.openChild(pid, allowUnverified), pid)
    sights.set(child, firstSight(handle, pid))
    return handle
  }
  settle(sight)
  if (sight.anchor !== undefined) return unwrap(native.share(sight.anchor), pid)
  return sight.over ? openGone(pid) : openAgain(sight, pid, allowUnverified)
}

function openGone(pid: number): Handle {
  return unwrap(native.openGone(pid), pid)
}

function firstSight(handle: Handle, pid: number): Sight {
  const identity = native.identity(handle)
  if (identity == null) return { pid, over: true, mark: undefined, anchor: undefined }
  if ('code' in identity) return { pid, over: false, mark: undefined, anchor: undefined }
  const sight: Sight = { pid, over: false, mark: identity.mark, anchor: undefined }
  if (!identity.settled) {
    sight.anchor = unwrap(native.share(handle), pid)
    settleLater(sight)
  }
  return sight
}

/** Again and again, should it not be found out at first: what holds on to a process has to let go of it some time. */
function settleLater(sight: Sight): void {
  const again = () => {
    settle(sight)
    if (sight.anchor !== undefined) settleLater(sight)
  }
  setTimeout(again, SETTLING_TIME).unref()
}

/** Lets go of the process once its mark can't be another's any more, or once it is over. */
function settle(sight: Sight): void {
  if (sight.anchor === undefined) return
  const identity = native.identity(sight.anchor)
  if (identity != null && ('code' in identity || !identity.settled)) return
  sight.over = identity == null
  letGo(sight)
}

function letGo(sight: Sight): void {
  if (sight.anchor !== undefined) native.close(sight.anchor)
  sight.anchor = undefined
}

/** What a mark is made of: marks of two kinds say nothing of each other. */
function kind(mark: string): string {
  return mark.slice(0, mark.indexOf(':'))
}

/** Opens whoever has the number now, if that is the process of the first sight. */
function openAgain(sight: Sight, pid: number, allowUnverified: boolean): Handle {
  const handle = unwrap(native.openChild(pid, allowUnverified), pid)
  const identity = native.identity(handle)
  if (identity == null) return handle // over by now, whichever it was: nothing will be sent
  const comparable = sight.mark !== undefined && !('code' in identity) && kind(sight.mark) === kind(identity.mark)
  if (comparable ? identity.mark === sight.mark : allowUnverified) return handle
  native.close(handle)
  if (comparable) return openGone(pid)
  const message = `Nothing here tells whether process ${pid} is the child that it was when it was first opened`
  throw new KillError({ code: 'ERR_IDENTITY_UNAVAILABLE', message, pid })
}
