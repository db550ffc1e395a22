import { isMainThread } from 'node:worker_threads'
import { checkFunction } from './arguments.js'
import { KillError } from './errors.js'
import { hostToken } from './host-token.js'
import { type Ancestor, findHosts } from './hosts.js'
import { closeOpened, type Opened, openPid } from './opened.js'
import { afterPoll } from './turn.js'
import { waitForExit } from './wait.js'

/**
 * Calls back when the parent of this process has exited, however it has exited: for a child that must not outlive the process
 * that has started it. A parent that has exited before the call counts, too. Then the callback comes in a later turn.
 *
 * If the parent is a package runner (npm, npx, pnpm, yarn, bun, deno), or a shell with `-c`, so does the exit of its parent: a
 * runner lives on when the process that has started it is killed.
 *
 * It waits for the handles of these processes, and polls nothing. It does not keep the event loop alive.
 *
 * An orphan is recognized by its session, which is not that of its new parent. A process that leads a session itself, or that
 * shares the session of the init process, as in some containers, is not recognized as an orphan.
 *
 * @param callback Default: ends this process, by `process.exit()`, and in a worker by SIGTERM to this process.
 * @returns Dispose of it to stop waiting.
 * @throws {KillError} `ENOSYS`: the parent is outside this PID namespace. `ERR_IDENTITY_UNAVAILABLE`: it cannot be distinguished
 * from a later process with its pid.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: `callback` is no function.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit-with-host.md}
 * @example
 * onParentExit()
 * @example
 * onParentExit(() => server.close())
 */
export function onParentExit(callback: () => void = exitProcess): Disposable {
  checkFunction('callback', callback)
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
  if (opened === null) afterPoll(call)
  for (const host of opened ?? []) {
    waitForExit(host, { timeout: Infinity, signal: waiting.signal, ref: false }).then(
      () => afterPoll(call),
      () => {},
    )
  }
  return { [Symbol.dispose]: stop }
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

function exitProcess(): void {
  if (isMainThread) process.exit()
  // `process.exit()` ends the worker only.
  else process.kill(process.pid, 'SIGTERM')
}
