import { readdirSync, readFileSync } from 'node:fs'

/** Returns the ids of this process's threads with a name. */
export function threads(name: string): string[] {
  return readdirSync('/proc/self/task').filter((id) => read(id, 'comm') === `${name}\n`)
}

/** Returns how often a thread has woken up so far, and its CPU time in nanoseconds. */
export function activity(id: string): { wakeUps: number; cpuTime: number } {
  const wakeUps = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(read(id, 'status'))![1]
  return { wakeUps: Number(wakeUps), cpuTime: Number(read(id, 'schedstat').split(' ')[0]) }
}

function read(id: string, name: string): string {
  return readFileSync(`/proc/self/task/${id}/${name}`, 'latin1')
}
