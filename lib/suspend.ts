import type { ProcessInfo as Found } from '../binding.js'
import { checkBoolean, checkOneOf, checkOptions } from './arguments.js'
import { native } from './native.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { type Scope, SCOPES } from './scope.js'
import type { Handle } from './handle.js'
import { startOperation } from './pending.js'

export interface SuspendOptions {
  /**
   * Who with the target: nobody, its process group, or all that it has started.
   *
   * @default 'tree'
   */
  scope?: Scope | undefined
  /**
   * Whether this process, its ancestors and pid 1 may be in scope. This process then comes last.
   *
   * @default false
   */
  allowSelf?: boolean | undefined
}

/** Stops all in scope, or has it go on. Resolves to those with whom it could not be done. */
export async function suspend(
  handle: Handle,
  pid: number,
  options: unknown,
  what: 'suspend' | 'resume',
): Promise<ProcessInfo[]> {
  const { scope, allowSelf } = checked(options)
  const begin = (queue: number, number: number) =>
    native.suspend(queue, handle, number, scope, allowSelf, what === 'resume')
  const { result } = startOperation<Found[]>(pid, begin, native.fetchProcesses, true)
  return (await result).map(processInfo)
}

function checked(options: unknown = {}): { scope: Scope | undefined; allowSelf: boolean } {
  checkOptions(options)
  const { scope, allowSelf = false } = options as SuspendOptions
  if (scope !== undefined) checkOneOf('options.scope', SCOPES, scope)
  checkBoolean('options.allowSelf', allowSelf)
  return { scope, allowSelf }
}
