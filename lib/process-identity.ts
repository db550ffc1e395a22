import { checkPid, hasMember, outOfRange, pick, wrongType } from './arguments.js'
import { KillError } from './errors.js'
import { type Handle, isFailure, openGone, unwrap } from './handle.js'
import { native } from './native.js'
import type { ProcessInfo } from './process-info.js'

/** In milliseconds: two clock ticks of nearly all systems, as a start time is rounded down to one. */
const TOLERANCE = 20

/** Returns whether an object tells when its process started: a `ProcessInfo`, a `Survivor`, or a copy of one. */
export function isProcessInfo(object: object): object is Pick<ProcessInfo, 'pid' | 'startTime'> {
  return hasMember(object, 'pid') && hasMember(object, 'startTime')
}

/** Opens the process that the object tells of. A process that started at another time is another one: it is then gone. */
export function openByInfo(object: Pick<ProcessInfo, 'pid' | 'startTime'>): { pid: number; handle: Handle } {
  const { pid, startTime } = pick(object, ['pid', 'startTime'])
  checkPid(pid)
  if (startTime !== null && typeof startTime !== 'number') throw wrongType('target.startTime', 'a number', startTime)
  if (startTime !== null && !Number.isFinite(startTime)) {
    throw outOfRange('target.startTime', 'a finite number of milliseconds', startTime)
  }
  const handle = unwrap(native.open(pid, false), pid)
  const found = unwrap(native.info(handle), pid).startTime ?? null
  if (found !== null && startTime !== null && Math.abs(found - startTime) <= TOLERANCE) return { pid, handle }
  const hasExited = native.isAlive(handle) === false
  native.close(handle)
  if (hasExited || (found !== null && startTime !== null)) return { pid, handle: openGone(pid) }
  const message = `Cannot verify that process ${pid} is the one that was described: its start time is not known.`
  throw new KillError({ code: 'ERR_IDENTITY_UNAVAILABLE', message, pid })
}

/** Opens the process of a target that another copy of the package has opened. */
export function openForeign(pid: number, other: { identity: typeof native.identity }, handle: Handle): Handle {
  const theirs = unwrap(other.identity(handle), pid)
  if (theirs == null) return openGone(pid)
  const opened = unwrap(native.open(pid, false), pid)
  const ours = native.identity(opened)
  if (ours != null && !isFailure(ours) && ours.mark === theirs.mark) return opened
  native.close(opened)
  if (!isFailure(ours)) return openGone(pid)
  const message = `Cannot verify that process ${pid} is the one of the target, which another copy of the package has opened.`
  throw new KillError({ code: 'ERR_IDENTITY_UNAVAILABLE', message, pid })
}
