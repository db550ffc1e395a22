import { checkBoolean, checkOneOf, pickOptions } from './arguments.js'
import { unwrap } from './handle.js'
import { native } from './native.js'
import { closeOpened } from './opened.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { type Scope, SCOPES } from './scope.js'
import { openTarget, openToTerminate, type TargetLike } from './target-like.js'

/** Options for `descendants`. */
export interface DescendantsOptions {
  /**
   * Whether the process itself comes first, unless it has exited.
   *
   * @default false
   */
  self?: boolean | undefined
  /**
   * Lists what a termination of this scope would find now, for example to show it before the termination. For `'tree'` these are
   * the descendants, and all in the group or session that the process leads. It throws where the termination would be refused.
   *
   * @default the descendants only
   */
  scope?: Scope | undefined
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
 * @throws {KillError} `ERR_PROTECTED_TARGET`, `ERR_NOT_GROUP_LEADER`: only with `scope`. A termination would be refused.
 * @throws {KillError} `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see `KillTarget.fromPid`. `ERR_TARGET_CLOSED`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: `target` is none of these.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 * @example
 * for (const { pid, name } of descendants(child)) console.log(pid, name)
 */
export function descendants(target: TargetLike, options?: DescendantsOptions): ProcessInfo[] {
  const { self, scope } = checkDescendantsOptions(options)
  const opened = scope === null ? openTarget(target) : openToTerminate(target)
  if (opened === null) return []
  try {
    return unwrap(native.descendants(opened.handle, self, scope), opened.pid).map(processInfo)
  } finally {
    closeOpened(opened)
  }
}

function checkDescendantsOptions(options: DescendantsOptions = {}): { self: boolean; scope: Scope | null } {
  const { self = false, scope } = pickOptions<DescendantsOptions, 'self' | 'scope'>(options, ['self', 'scope'])
  checkBoolean('options.self', self)
  if (scope !== undefined) checkOneOf('options.scope', SCOPES, scope)
  return { self, scope: scope ?? null }
}
