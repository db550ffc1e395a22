import { type Handle, unwrap } from './handle.js'
import { native } from './native.js'

/** Returns what the guard has to know to watch an open process, as its option `--parent` reads it: the pid and the start time. */
export function hostToken(pid: number, handle: Handle): string {
  const start = unwrap(native.started(handle), pid)
  return start === null ? String(pid) : `${pid}:${start}`
}

let own: { pid: number; token: string } | undefined

/** Returns what a guard has to know to watch this process. It does not change. */
export function ownHostToken(): string {
  const { pid } = process
  if (own?.pid === pid) return own.token
  const token = withProcess(pid, (handle) => hostToken(pid, handle))
  // Without a start time, it may be known the next time.
  if (token.includes(':')) own = { pid, token }
  return token
}

/** Opens the process that has the pid now for as long as `use` takes. Where nothing identifies it, the pid does. */
export function withProcess<T>(pid: number, use: (handle: Handle) => T): T {
  const handle = unwrap(native.open(pid, true), pid)
  try {
    return use(handle)
  } finally {
    native.close(handle)
  }
}
