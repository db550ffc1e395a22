import { readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { pids, read, stat } from '../__test__/helpers/processes.ts'

/** Milliseconds. A program that still forks after this time will not stop. A burst of the storm lasts for 10. */
const FORKS_ON = 800
/** Milliseconds for processes that have got SIGKILL to exit. */
const DEADLINE = 20_000
const INTERVAL = 5
/** How many looks in a row must find the same. */
const LOOKS = 20

interface Look {
  /** The processes and their starts. */
  found: string
  isIdle: boolean
  isDying: boolean
}

/** Waits until nothing changes any more. Resolves to whether a process that runs the program is alive then. */
export async function isAliveAtRest(file: string, hasWriters: () => boolean): Promise<boolean> {
  const begin = performance.now()
  for (let same = 0, last = ''; hasWriters(); await sleep(INTERVAL)) {
    const { found, isIdle, isDying } = look(file)
    same = found === last && isIdle ? same + 1 : 0
    last = found
    if (same >= LOOKS) break
    const time = performance.now() - begin
    if (time > DEADLINE || (time > FORKS_ON && !isDying)) break
  }
  return hasWriters()
}

function look(file: string): Look {
  const all = pids().filter((pid) => runs(pid, file))
  const seen = all.flatMap((pid) => stat(pid) ?? [])
  return {
    found: all.map((pid, index) => `${pid} ${seen[index]?.startTime}`).join(),
    isIdle: all.length > 0 && seen.every(({ state }) => state === 'S'),
    isDying: all.length === 0 || all.some(hasSigkill),
  }
}

/** An exited process has no program. */
function runs(pid: number, file: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === file
  } catch {
    return false
  }
}

/** A pending SIGKILL is that of the process or of its thread. */
function hasSigkill(pid: number): boolean {
  const masks = read(pid, 'status').matchAll(/^(?:SigPnd|ShdPnd):\s*(\w+)$/gm)
  return Array.from(masks).some(([, mask]) => (BigInt(`0x${mask}`) >> 8n) & 1n)
}
