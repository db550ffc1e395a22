import { checkPid, hasMember, invalidValue, outOfRange, pick, wrongType } from './arguments.js'
import { KillError } from './errors.js'
import { type Handle, openGone, unwrap } from './handle.js'
import { native } from './native.js'
import { openByToken } from './token.js'

/** In milliseconds: two clock ticks of nearly all systems, as a start time is rounded down to one. */
const TOLERANCE = 20

/** What verifies a process: its token, or else when it was started. */
export interface Described {
  readonly pid: number
  readonly token?: string | null
  readonly startTime?: number | null
}

/** Returns whether an object tells of one process: a `ProcessInfo`, a `Survivor`, the JSON of a target, or a copy of these. */
export function isDescription(object: object): object is Described {
  return hasMember(object, 'pid') && (hasMember(object, 'startTime') || hasMember(object, 'token'))
}

/** Opens the process that the object tells of. A process that started at another time is another one: it is then gone. */
export function openDescribed(object: Described): { pid: number; handle: Handle } {
  const { pid, token = null, startTime = null } = pick(object, ['pid', 'token', 'startTime'])
  checkPid(pid)
  if (token !== null) return openDescribedToken(pid, token)
  // The JSON of a target of which the process was gone.
  if (!hasMember(object, 'startTime')) return { pid, handle: openGone(pid) }
  if (startTime !== null && typeof startTime !== 'number') throw wrongType('target.startTime', 'a number', startTime)
  if (startTime !== null && !Number.isFinite(startTime)) {
    throw outOfRange('target.startTime', 'a finite number of milliseconds', startTime)
  }
  const handle = unwrap(native.open(pid, false), pid)
  const found = unwrap(native.info(handle), pid)?.startTime ?? null
  if (found !== null && startTime !== null && Math.abs(found - startTime) <= TOLERANCE) return { pid, handle }
  const hasExited = native.isAlive(handle) === false
  native.close(handle)
  if (hasExited || (found !== null && startTime !== null)) return { pid, handle: openGone(pid) }
  const message = `Cannot verify that process ${pid} is the one that was described: its start time is not known.`
  throw new KillError({ code: 'ERR_IDENTITY_UNAVAILABLE', message, pid })
}

function openDescribedToken(pid: number, token: unknown): { pid: number; handle: Handle } {
  if (typeof token !== 'string') throw wrongType('target.token', 'a string', token)
  const opened = openByToken('target.token', token)
  if (opened.pid === pid) return opened
  native.close(opened.handle)
  throw invalidValue(`Expected \`target.token\` to be of \`target.pid\`, ${pid}, got a token of process ${opened.pid}`)
}

/** Opens the process of a target that another copy of the package has opened. */
export function openForeign(pid: number, other: { token: typeof native.token }, handle: Handle): Handle {
  const token = unwrap(other.token(handle), pid)
  return token == null ? openGone(pid) : openByToken('target', token).handle
}
