import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { descriptors, heldProcesses } from './descriptors.ts'

/** What a process has that its threads may leave behind. */
export interface Belongings {
  /** All its file descriptors. */
  descriptors: number
  /** Those of them that hold a process. Whoever waits for it has one. */
  held: number
  /** All its threads, be they JavaScript's or not. */
  threads: number
}

export const NOTHING: Belongings = { descriptors: 0, held: 0, threads: 0 }

export function belongings(): Belongings {
  return { descriptors: descriptors(), held: heldProcesses(), threads: readdirSync('/proc/self/task').length }
}

/** What there is when that has run for the first time: what is made for the first threads stays for all others. */
export async function afterFirst(run: () => Promise<void>): Promise<Belongings> {
  const { held } = belongings()
  await run()
  await left({ held, descriptors: Infinity, threads: Infinity })
  return belongings()
}

/** What there is more than before. The end of a thread is told before it has let go of everything: that has a while. */
export async function left(before: Belongings): Promise<Belongings> {
  for (const end = performance.now() + 20_000; ; await sleep(10)) {
    const now = belongings()
    const more = (of: keyof Belongings): number => Math.max(0, now[of] - before[of])
    const found = { descriptors: more('descriptors'), held: more('held'), threads: more('threads') }
    if (performance.now() > end || Object.values(found).every((count) => count === 0)) return found
  }
}
