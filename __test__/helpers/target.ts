import type { ExecutionContext } from 'ava'
import { KillTarget } from 'killtarget'
import { truth } from './kernel.ts'

/** Opens a process that is there, held as it must be here, and closes it with the test. */
export function open(t: ExecutionContext, pid: number): KillTarget {
  return held(t, KillTarget.fromPid(pid), pid)
}

/** That the target is one on this process, held as it must be here. It is closed with the test. */
export function held(t: ExecutionContext, target: KillTarget | null, pid: number): KillTarget {
  t.teardown(() => target?.close())
  t.like(target, { pid, method: truth.method, raceFree: truth.raceFree })
  return target!
}
