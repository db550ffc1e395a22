import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { descriptors, heldProcesses } from './descriptors.ts'

/** The resources of a process that its threads can leak. */
export interface Resources {
  /** All its file descriptors. */
  descriptors: number
  /** The file descriptors that hold a process. Each wait needs one. */
  held: number
  /** All its threads, including those without JavaScript. */
  threads: number
}

export const NO_LEAKS: Resources = { descriptors: 0, held: 0, threads: 0 }

export function resources(): Resources {
  return { descriptors: descriptors(), held: heldProcesses(), threads: readdirSync('/proc/self/task').length }
}

/** Runs once, then counts the resources: what Node makes for its first thread stays for all later ones. */
export async function resourcesAfter(run: () => Promise<void>): Promise<Resources> {
  const { held } = resources()
  await run()
  await leaks({ held, descriptors: Infinity, threads: Infinity })
  return resources()
}

/** Counts the resources above `before`. Waits for them to be released: a thread's `exit` event comes before that. */
export async function leaks(before: Resources): Promise<Resources> {
  for (const end = performance.now() + 20_000; ; await sleep(10)) {
    const now = resources()
    const more = (of: keyof Resources): number => Math.max(0, now[of] - before[of])
    const found = { descriptors: more('descriptors'), held: more('held'), threads: more('threads') }
    if (performance.now() > end || Object.values(found).every((count) => count === 0)) return found
  }
}
