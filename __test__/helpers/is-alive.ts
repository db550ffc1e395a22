import { KillTarget } from 'killtarget'

/** Returns whether the process that has this pid is alive. A zombie is not. */
export function isAlive(pid: number): boolean {
  using target = KillTarget.fromPid(pid)
  return target.isAlive()
}
