import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { descriptors, heldProcesses } from './descriptors.ts'

/** What a process has that its threads may leave behind. */
export interface Resources {
  /** All its file descriptors. */
  descriptors: number
  /** Those of them that hold a process. Whoever waits for it has one. */
  held: number
  /** All its threads, be they JavaScript's or not. */
  threads: number
}

export const NO_LEAKS: Resources = { descriptors: 0, held: 0, threads: 0 }

export function resources(): Resources {
  return { descriptors: descriptors(), held: heldProcesses(), threads: readdirSync('/proc/self/task').length }
}

/** What there is when that has run for the first time: what is made for the first threads stays for all others. */
export async function resourcesAfter(run: () => Promise<void>): Promise<Resources> {
  const { held } = resources()
  await run()
  await leaks({ held, descriptors: Infinity, threads: Infinity })
  return resources()
}

/** What there is more than before. The end of a thread is told before it has let go of everything: that has a while. */
export async function leaks(before: Resources): Promise<Resources> {
  for (const end = performance.now() + 20_000; ; await sleep(10)) {
    const now = resources()
    const more = (of: keyof Resources): number => Math.max(0, now[of] - before[of])
    const found = { descriptors: more('descriptors'), held: more('held'), threads: more('threads') }
    if (performance.now() > end || Object.values(found).every((count) => count === 0)) return found
  }
}
