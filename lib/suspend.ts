import type { ProcessInfo as Found } from '../binding.js'
import { checkBoolean, checkOneOf, pickOptions } from './arguments.js'
import { native } from './native.js'
import { closeOpened } from './opened.js'
import { startOperation } from './pending.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { type Scope, SCOPES } from './scope.js'
import { openTarget, type TargetLike } from './target-like.js'

/** Options for `suspend` and `resume`. */
export interface SuspendOptions {
  /**
   * The processes to stop or continue: the target only (`'process'`), its process group (`'group'`), or the target with
   * all its descendants (`'tree'`).
   *
   * @default 'tree'
   */
  scope?: Scope | undefined
  /**
   * Whether this process, its ancestors and pid 1 may be in scope. If this process is in scope, it comes last. Without
   * this option such a call throws `ERR_PROTECTED_TARGET`.
   *
   * @default false
   */
  allowSelf?: boolean | undefined
}

/**
 * Stops a process and its descendants, or its group. This is `KillTarget.suspend` for any value that names a process.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns The processes that were not stopped: they may not be signalled, or they still run.
 * @throws {KillError} As `KillTarget.suspend` rejects. `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see
 * `KillTarget.fromPid`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * const running = await suspend(child)
 */
export async function suspend(target: TargetLike, options?: SuspendOptions): Promise<ProcessInfo[]> {
  return changeState(target, options, 'suspend')
}

/**
 * Continues the stopped processes of a tree or group. This is `KillTarget.resume` for any value that names a process.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns The processes that may not be signalled.
 * @throws {KillError} As `KillTarget.resume` rejects. `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see
 * `KillTarget.fromPid`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * await resume(child)
 */
export async function resume(target: TargetLike, options?: SuspendOptions): Promise<ProcessInfo[]> {
  return changeState(target, options, 'resume')
}

async function changeState(target: TargetLike, options: unknown, what: 'suspend' | 'resume'): Promise<ProcessInfo[]> {
  const { scope, allowSelf } = checkSuspendOptions(options)
  const opened = openTarget(target)
  if (opened === null) return []
  const { pid, handle } = opened
  try {
    const start = (queue: number, id: number) => native.suspend(queue, handle, id, scope, allowSelf, what === 'resume')
    const { result } = startOperation<Found[]>(pid, start, native.fetchProcesses)
    return (await result).map(processInfo)
  } finally {
    closeOpened(opened)
  }
}

function checkSuspendOptions(options: unknown = {}): { scope: Scope | undefined; allowSelf: boolean } {
  const { scope, allowSelf = false } = pickOptions<SuspendOptions, 'scope' | 'allowSelf'>(options, [
    'scope',
    'allowSelf',
  ])
  if (scope !== undefined) checkOneOf('options.scope', SCOPES, scope)
  checkBoolean('options.allowSelf', allowSelf)
  return { scope, allowSelf }
}
