import { descendants, type KillError, type ProcessInfo, type TargetLike } from 'killtarget'

/** Lists descendants for a wait, which tries again if the machine was too slow for a whole list. */
export function listed(root: TargetLike): ProcessInfo[] {
  try {
    return descendants(root)
  } catch (error) {
    if ((error as KillError).code === 'ERR_TIMEOUT') return []
    throw error
  }
}
