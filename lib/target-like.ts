import { wrongType } from './arguments.js'
import type { ChildLike } from './child.js'
import { KillTarget, openEndedChild, openOrGroup, shareTarget } from './target.js'

/**
 * A value that names a process: an open `KillTarget`, a pid, or the object of a child process, as for
 * `KillTarget.fromChild`.
 */
export type TargetLike = KillTarget | number | ChildLike

/** Opens a target, which the caller has to close. Returns `null` for a child that was not started or has exited. */
export function openTarget(target: TargetLike): KillTarget | null {
  if (typeof target === 'number') return KillTarget.fromPid(target)
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw wrongType('target', 'a KillTarget, a pid or an object with a `pid`', target)
  }
  return shareTarget(target) ?? KillTarget.fromChild(target)
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
