import { checkPid, pick, wrongType } from './arguments.js'
import { checkChild, type ChildLike, hasExited, openChild } from './child.js'
import { type Handle, unwrap } from './handle.js'
import { keepGuard, openKeptGuard } from './kept-guard.js'
import { native } from './native.js'
import { checkOpenOptions, type OpenOptions } from './open-options.js'
import { type Described, openDescribed } from './process-identity.js'
import { startOf } from './spawned.js'
import { openByToken } from './token.js'

/** A process that is open: what the methods of a target and the functions work on. */
export interface Opened {
  readonly pid: number
  readonly handle: Handle
  /** The child object that stands for the process. It has the exit status if the core cannot read it. */
  readonly child: ChildLike | undefined
  /** The processes that a termination of it leaves alone. */
  readonly except: Handle[]
}

export function makeOpened(pid: number, handle: Handle, child?: ChildLike): Opened {
  return { pid, handle, child, except: [] }
}

export function openPid(pid: unknown, options?: OpenOptions): Opened {
  checkPid(pid)
  return makeOpened(pid, unwrap(native.open(pid, checkOpenOptions(options)), pid))
}

/** Opens the process that has the pid now, or else the session or group that it has left behind. */
export function openOrGroup(pid: unknown): Opened {
  checkPid(pid)
  return makeOpened(pid, unwrap(native.openOrGroup(pid), pid))
}

/** Returns `null` for a child that was not started, or has exited and has no guard that goes on. */
export function openByChild(child: unknown, options?: OpenOptions, name?: string): Opened | null {
  checkChild(child, name)
  const allowUnverified = checkOpenOptions(options)
  const { pid } = pick(child, ['pid'])
  if (pid === undefined || pid === null) return null
  checkPid(pid)
  const guard = openKeptGuard(child, pid)
  if (guard !== null) return makeOpened(pid, guard, child)
  if (hasExited(child)) return null
  const handle = openChild(child, pid, allowUnverified)
  keepGuard(child, handle, pid)
  return makeOpened(pid, handle, child)
}

/**
 * Opens the session or group that a child has left behind. Returns `null` if it has left none, or if another process may have
 * its pid by now.
 */
export function openEndedChild(child: ChildLike): Opened | null {
  const { pid } = pick(child, ['pid'])
  const started = startOf(child)
  if (typeof pid !== 'number' || !started) return null
  const opened = native.openEndedChild(pid, started)
  return opened === null ? null : makeOpened(pid, unwrap(opened, pid), child)
}

/** Opens the process that a `ProcessInfo` tells of. */
export function openInfo(info: Described): Opened {
  const { pid, handle } = openDescribed(info)
  return makeOpened(pid, handle)
}

/** Opens the process of a token, or else the session or group that it has left behind. */
export function openToken(token: unknown, name = 'token'): Opened {
  if (typeof token !== 'string') throw wrongType(name, 'a string', token)
  const { pid, handle } = openByToken(name, token)
  return makeOpened(pid, handle)
}

/** Operations that are pending have handles of their own. */
export function closeOpened({ handle, except }: Opened): void {
  for (const each of [handle, ...except]) native.close(each)
}

export function isAlive({ pid, handle }: Opened): boolean {
  return unwrap(native.isAlive(handle), pid)
}
