import { KillError } from './errors.js'
import { hostToken } from './host-token.js'
import { type Ancestor, findHosts } from './hosts.js'
import { closeOpened, type Opened, openPid } from './opened.js'
import { afterPoll } from './turn.js'
import { waitForExit } from './wait.js'

/**
 * Calls back once when the parent of this process has exited, or one of those for which the parent only waits: see `findHosts`. A
 * process that has exited before the call counts, too. Then the callback comes in a later turn.
 *
 * @returns Stops waiting.
 * @throws {KillError} `ENOSYS`: the parent is outside this PID namespace. `ERR_IDENTITY_UNAVAILABLE`: it cannot be distinguished
 * from a later process with its pid.
 */
export function watchParent(callback: () => void): () => void {
  const opened = openHosts()
  const waiting = new AbortController()
  let isOver = false
  const stop = (): void => {
    isOver = true
    waiting.abort()
    opened?.forEach(closeOpened)
    opened?.splice(0)
  }
  const call = (): void => {
    if (isOver) return
    stop()
    callback()
  }
  // After the return, also where a test has faked the timers.
  if (opened === null) void Promise.resolve().then(() => afterPoll(call))
  for (const host of opened ?? []) {
    waitForExit(host, { timeout: Infinity, signal: waiting.signal, ref: false }).then(
      () => afterPoll(call),
      () => {},
    )
  }
  return stop
}

/** Returns `null` if one of them has exited. */
function openHosts(): Opened[] | null {
  const found = findHosts()
  if ('orphan' in found) return null
  if (found.hosts.length === 0 && process.platform !== 'win32') {
    const message = 'The parent of this process is outside its PID namespace, and cannot be watched.'
    throw new KillError({ code: 'ENOSYS', message, pid: process.pid })
  }
  const opened: Opened[] = []
  try {
    for (const host of found.hosts) opened.push(openPid(host.pid))
    if (opened.length > 0 && opened.every((each, index) => isSame(each, found.hosts[index]!))) return opened
    opened.forEach(closeOpened)
    return null
  } catch (error) {
    opened.forEach(closeOpened)
    throw error
  }
}

/** Returns whether the process that was opened is the one that was found before, as far as both start times could be read. */
function isSame({ pid, handle }: Opened, { token }: Ancestor): boolean {
  const now = hostToken(pid, handle)
  return now === token || [now, token].includes(String(pid))
}
