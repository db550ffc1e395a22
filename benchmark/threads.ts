import { readdirSync, readFileSync } from 'node:fs'

/** The ids of this process's threads of that name. */
export function threads(name: string): string[] {
  return readdirSync('/proc/self/task').filter((id) => read(id, 'comm') === `${name}\n`)
}

/** How often the thread was woken so far, and its processor time in nanoseconds. */
export function activity(id: string): { woken: number; busy: number } {
  const woken = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(read(id, 'status'))![1]
  return { woken: Number(woken), busy: Number(read(id, 'schedstat').split(' ')[0]) }
}

function read(id: string, name: string): string {
  return readFileSync(`/proc/self/task/${id}/${name}`, 'latin1')
}
