import type { ProcessInfo as Found } from '../binding.js'
import { checkBoolean, checkOneOf, pickOptions } from './arguments.js'
import type { Handle } from './handle.js'
import { native } from './native.js'
import { startOperation } from './pending.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { type Scope, SCOPES } from './scope.js'

/** Options for `KillTarget.suspend` and `KillTarget.resume`. */
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

/** Stops or continues all processes in scope. Resolves to those for which that failed. */
export async function suspend(
  handle: Handle,
  pid: number,
  options: unknown,
  what: 'suspend' | 'resume',
): Promise<ProcessInfo[]> {
  const { scope, allowSelf } = checkSuspendOptions(options)
  const start = (queue: number, id: number) => native.suspend(queue, handle, id, scope, allowSelf, what === 'resume')
  const { result } = startOperation<Found[]>(pid, start, native.fetchProcesses)
  return (await result).map(processInfo)
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
