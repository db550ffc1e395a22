import type { ExecutionContext } from 'ava'
import { KillTarget } from 'killtarget'
import { truth } from './kernel.ts'

/** Opens a running process. Asserts the method of this kernel, and closes the target when the test ends. */
export function open(t: ExecutionContext, pid: number): KillTarget {
  return held(t, KillTarget.fromPid(pid), pid)
}

/** Asserts that the target has this pid and the method of this kernel. Closes it when the test ends. */
export function held(t: ExecutionContext, target: KillTarget | null, pid: number): KillTarget {
  t.teardown(() => target?.close())
  t.like(target, { pid, method: truth.method, raceFree: truth.raceFree })
  return target!
}
