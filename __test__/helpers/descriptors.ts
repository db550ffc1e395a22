import { readdirSync, readlinkSync } from 'node:fs'

/** How many file descriptors this process has open. The one that reads the folder is among them, each time. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

/** How many processes this process holds by a file descriptor, its own not counted: those are other parts' of Node. */
export function heldProcesses(): number {
  return readdirSync('/proc/self/fd').filter(holdsProcess).length
}

/** What a pidfd is called since Linux 6.9 and before, and a folder of `/proc`. */
function holdsProcess(descriptor: string): boolean {
  try {
    return /pidfd|^\/proc\/\d+$/.test(readlinkSync(`/proc/self/fd/${descriptor}`))
  } catch {
    return false // the one that has read the folder
  }
}
