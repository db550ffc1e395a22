import { type Handle, unwrap } from './handle.js'
import { native } from './native.js'

/** Returns what the guard has to know to watch an open process, as its option `--parent` reads it: the pid and the start time. */
export function hostToken(pid: number, handle: Handle): string {
  const start = unwrap(native.started(handle), pid)
  return start === null ? String(pid) : `${pid}:${start}`
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
