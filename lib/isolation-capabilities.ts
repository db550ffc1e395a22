import { spawnSync } from 'node:child_process'
import { guardProgram, NOT_STARTED } from './guard-program.js'

/** Which values of the option `isolation` can be had here. */
export interface IsolationCapabilities {
  /** `'reaper'`: Linux 3.4 and later. */
  readonly reaper: boolean
  /** `'pid-namespace'`: Linux, with `CAP_SYS_ADMIN` or where user namespaces are allowed. */
  readonly pidNamespace: boolean
  /** Says in English why a field is `false`. Absent if all are `true`. */
  readonly reason?: string
}

/** Why an isolation cannot be had. `isKnown`: the guard itself has said so. */
interface Refusal {
  readonly reason: string
  readonly isKnown: boolean
}

let known: Readonly<IsolationCapabilities> | undefined

/** Finds out by starting a guard without a command for each. The answer is kept, unless no program could be started. */
export function isolationCapabilities(): IsolationCapabilities {
  if (known !== undefined) return known
  const [reaper, pidNamespace] = [refusalOf('reaper'), refusalOf('pid-namespace')]
  const refusals = Object.entries({ reaper, pidNamespace })
  const reasons = refusals.flatMap(([name, refusal]) => (refusal === null ? [] : [`${name}: ${refusal.reason}`]))
  const found = {
    reaper: reaper === null,
    pidNamespace: pidNamespace === null,
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  }
  if (refusals.every(([, refusal]) => refusal?.isKnown !== false)) known = Object.freeze(found)
  return found
}

function refusalOf(isolation: string): Refusal | null {
  try {
    const args = [`--isolation=${isolation}`, '--check']
    const { status, error, stderr } = spawnSync(guardProgram(), args, {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    if (error !== undefined) throw error
    if (status === 0) return null
    // Deno reports nothing else of a program that it may not start.
    if (stderr == null) throw new Error(NOT_STARTED)
    const reason = stderr.trim().replace(/^killtarget-guard: /, '') || `the guard exited with ${status}`
    return { reason, isKnown: true }
  } catch (error) {
    return { reason: (error as Error).message, isKnown: false }
  }
}
