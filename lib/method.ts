import type { Handle } from './handle.js'
import { native } from './native.js'

/**
 * How a target identifies its process.
 *
 * - `'pidfd'`: a file descriptor of the process. Linux 5.3 and later.
 * - `'proc-fd'`: the open directory `/proc/PID`. Linux without pidfds.
 * - `'audit-token'`: an audit token with the unique id of the process. macOS 14.2 and later.
 * - `'handle'`: a process handle. Windows.
 * - `'start-time'`: the start time, compared right before each signal, because no file descriptor was left. Before
 *   macOS 14.2: the unique id, compared likewise.
 * - `'pid'`: the pid alone, without verification. Only with `allowUnverified: true`.
 * - `'gone'`: nothing. There was no such process. Such a target never sends a signal.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/identity.md}
 */
export type Method = 'pidfd' | 'proc-fd' | 'audit-token' | 'handle' | 'start-time' | 'pid' | 'gone'

const methods = native.methods() as Method[]

/** Returns how the handle identifies its process. The lowest four bits encode that: see `open` in binding.d.ts. */
export function methodOf(handle: Handle): Method {
  return methods[(handle % 16) >> 1]!
}

/** Returns whether a signal through the handle cannot reach another process. */
export function isRaceFree(handle: Handle): boolean {
  return (handle & 1) === 1
}
