import { wrongType } from './arguments.js'
import type { ChildLike } from './child.js'
import { KillTarget, shareTarget } from './target.js'

/** What the functions that open, act and close take: a target, a pid, or the object of a child. */
export type TargetLike = KillTarget | number | ChildLike

/** Opens a target of one's own, to be closed by whoever asked. `null`: a child that was not started, or has ended. */
export function openTarget(target: TargetLike): KillTarget | null {
  if (typeof target === 'number') return KillTarget.fromPid(target)
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw wrongType('target', 'a KillTarget, a pid or an object with a `pid`', target)
  }
  return shareTarget(target) ?? KillTarget.fromChild(target)
}
