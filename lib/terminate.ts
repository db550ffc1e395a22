import { openTarget, type TargetLike } from './target-like.js'
import { childExitStatusNow } from './child-exit-status.js'
import type { ChildLike } from './child.js'
import { terminateTarget } from './target.js'
import type { Termination } from './termination.js'
import { checkTerminateOptions, type TerminateOptions } from './terminate-options.js'

/**
 * Opens, terminates and closes: `KillTarget.prototype.terminate` in one call.
 *
 * @param target A target (which stays open), a pid, or the object of a child.
 * @example
 * const { outcome, survivors } = await terminate(child, { grace: 1000 })
 */
export async function terminate(target: TargetLike, options?: TerminateOptions): Promise<Termination> {
  const checked = checkTerminateOptions(options)
  const opened = openTarget(target)
  if (opened === null) return exitedBefore(target as ChildLike, options)
  try {
    return await terminateTarget(opened, checked, true)
  } finally {
    opened.close()
  }
}

/** The same, blocking: for `process.on('exit')`. */
export function terminateSync(target: TargetLike, options?: Omit<TerminateOptions, 'forceSignal'>): Termination {
  checkTerminateOptions(options)
  const opened = openTarget(target)
  if (opened === null) return exitedBefore(target as ChildLike, options)
  try {
    return opened.terminateSync(options)
  } finally {
    opened.close()
  }
}

/** Of a child that was not started, or has ended. Whether it has left others behind can't be told from its object. */
function exitedBefore(child: ChildLike, options: TerminateOptions | undefined): Termination {
  return {
    outcome: 'gone',
    exit: childExitStatusNow(child),
    ended: 0,
    survivors: [],
    raceFree: true,
    proof: options?.scope === 'process' ? 'process' : 'best-effort',
    elapsed: 0,
  }
}
