import { wrongType } from './arguments.js'
import type { ChildLike } from './child.js'
import { isProcessInfo } from './process-identity.js'
import type { ProcessInfo } from './process-info.js'
import { KillTarget, openEndedChild, openInfo, openOrGroup, shareTarget } from './target.js'

/**
 * A value that names a process: an open `KillTarget`, a pid, the object of a child process, as for `KillTarget.fromChild`, or
 * what this package has told of a process, which its start time verifies.
 */
export type TargetLike = KillTarget | number | ChildLike | ProcessInfo

/** Opens a target, which the caller has to close. Returns `null` for a child that was not started or has exited. */
export function openTarget(target: TargetLike): KillTarget | null {
  if (typeof target === 'number') return KillTarget.fromPid(target)
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw wrongType('target', 'a KillTarget, a pid or an object with a `pid`', target)
  }
  const shared = shareTarget(target)
  if (shared !== null) return shared
  return isProcessInfo(target) ? openInfo(target) : KillTarget.fromChild(target)
}

/**
 * Opens a target to terminate it at once, which the caller has to close. If its process is over, that is the session or group
 * which it has left behind. Returns `null` for a child that was not started, or has exited and left none.
 */
export function openToTerminate(target: TargetLike): KillTarget | null {
  if (typeof target === 'number') return openOrGroup(target)
  const opened = openTarget(target)
  return opened ?? openEndedChild(target as ChildLike)
}
