import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

export interface Cost {
  /** Bytes of resident memory. */
  rss: number
  /** Bytes of JavaScript heap. */
  heap: number
  /** Open file descriptors. */
  fds: number
}

/** Returns what this process uses now. Needs `--expose-gc`. */
export async function cost(): Promise<Cost> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc!()
    await setImmediate()
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heap: heapUsed, fds: readdirSync('/dev/fd').length }
}
