import { spawnSync } from 'node:child_process'
import { guardProgram } from './guard-program.js'

/** Which values of the option `isolation` can be had here. */
export interface IsolationCapabilities {
  /** `'reaper'`: Linux 3.4 and later. */
  readonly reaper: boolean
  /** `'pid-namespace'`: Linux, with `CAP_SYS_ADMIN` or where user namespaces are allowed. */
  readonly pidNamespace: boolean
  /** Says in English why a field is `false`. Absent if all are `true`. */
  readonly reason?: string
}

const NAMES = { reaper: 'reaper', pidNamespace: 'pid-namespace' } as const

let known: Readonly<IsolationCapabilities> | undefined

/** Finds out by starting a guard without a command for each. The answer is kept, unless no program could be started. */
export function isolationCapabilities(): IsolationCapabilities {
  if (known !== undefined) return known
  const refusals = Object.entries(NAMES).map(([name, isolation]) => Object.assign(refusalOf(isolation), { name }))
  const can = Object.fromEntries(refusals.map(({ name, reason }) => [name, reason === undefined]))
  const reasons = refusals.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`]))
  const found = {
    ...can,
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  } as unknown as IsolationCapabilities
  if (refusals.every(({ isKnown }) => isKnown)) known = Object.freeze(found)
  return found
}

function refusalOf(isolation: string): { reason?: string; isKnown: boolean } {
  try {
    const args = [`--isolation=${isolation}`, '--check']
    const stdio = ['ignore', 'ignore', 'pipe'] as const
    const { status, error, stderr } = spawnSync(guardProgram(), args, { encoding: 'utf8', stdio: [...stdio] })
    if (error !== undefined) throw error
    if (status === 0) return { isKnown: true }
    return {
      reason: stderr.trim().replace(/^killtarget-guard: /, '') || `the guard exited with ${status}`,
      isKnown: true,
    }
  } catch (error) {
    return { reason: (error as Error).message, isKnown: false }
  }
}
