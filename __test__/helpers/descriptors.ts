import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Counts the open file descriptors of this process, including the one that reads the folder. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

/** Counts the file descriptors that hold a process. */
export function heldProcesses(): number {
  return readdirSync('/proc/self/fd').filter(holdsProcess).length
}

/**
 * A pidfd links to `pidfd:[…]` since Linux 6.9 and to `anon_inode:[pidfd]` before. A `/proc` handle links to `/proc/PID`, and
 * what is read about the process to a path below that.
 */
function holdsProcess(descriptor: string): boolean {
  try {
    return /pidfd|^\/proc\/\d+(\/|$)/.test(readlinkSync(`/proc/self/fd/${descriptor}`))
  } catch {
    return false // The descriptor that read the folder is closed by now.
  }
}

/** Returns the ids of this process' reactor threads. */
export function reactorThreads(): string[] {
  return readdirSync('/proc/self/task').filter((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'latin1') === 'killtarget\n'
    } catch {
      return false // Another thread that ended meanwhile.
    }
  })
}
