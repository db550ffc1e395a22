import { checkBoolean, pickOptions } from './arguments.js'
import { unwrap } from './handle.js'
import { native } from './native.js'
import { closeOpened } from './opened.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { openTarget, type TargetLike } from './target-like.js'

/** Options for `descendants`. */
export interface DescendantsOptions {
  /**
   * Whether the process itself comes first, unless it has exited.
   *
   * @default false
   */
  self?: boolean | undefined
}

/**
 * Returns the living descendants of a process: its children, their children, and so on. Orphans are included if they can
 * be attributed to the process: if they are in a session that the process or one of its descendants leads or led, or in the
 * process group that the process leads or led.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns Parents before their children, without the process itself unless `self` is set. Empty if there are none.
 * @throws {KillError} `ENOSYS`: processes cannot be listed, because `/proc` is absent or belongs to another PID namespace.
 * @throws {KillError} `ERR_TIMEOUT`: the children of a process could not be read for 4 seconds, so some may be missing.
 * @throws {KillError} `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see `KillTarget.fromPid`. `ERR_TARGET_CLOSED`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: `target` is none of these.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 * @example
 * for (const { pid, name } of descendants(child)) console.log(pid, name)
 */
export function descendants(target: TargetLike, options?: DescendantsOptions): ProcessInfo[] {
  const self = checkDescendantsOptions(options)
  const opened = openTarget(target)
  if (opened === null) return []
  try {
    return unwrap(native.descendants(opened.handle, self), opened.pid).map(processInfo)
  } finally {
    closeOpened(opened)
  }
}

/** Checks the options. Returns `self`. */
function checkDescendantsOptions(options: DescendantsOptions | undefined): boolean {
  if (options === undefined) return false
  const { self = false } = pickOptions<DescendantsOptions, 'self'>(options, ['self'])
  checkBoolean('options.self', self)
  return self
}
