import { native } from './native.js'
import { openTarget, type TargetLike } from './target-like.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { unwrap } from './handle.js'
import { handleOf } from './target.js'

/**
 * Who descends from a process and lives: its children, theirs and so on, and of those whose parents are over the ones in a
 * session that the process or one of its descendants leads or led, or in the group that the process leads or led.
 *
 * @param target A target (which stays open), a pid, or the object of a child.
 * @returns Parents before their children, without the process itself. `[]` where it is gone and has left nobody.
 * @throws {KillError} `ENOSYS`: processes can't be seen here, as `/proc` is absent or another PID namespace's.
 * `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`, `ERR_TARGET_CLOSED`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`.
 */
export function descendants(target: TargetLike): ProcessInfo[] {
  const opened = openTarget(target)
  if (opened === null) return []
  try {
    return unwrap(native.descendants(handleOf(opened)), opened.pid).map(processInfo)
  } finally {
    opened.close()
  }
}
