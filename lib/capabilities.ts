import type { Capabilities as Found } from '../binding.js'
import { type IsolationCapabilities, isolationCapabilities } from './isolation-capabilities.js'
import { native } from './native.js'

/**
 * What the running system supports. A field is `false` if the kernel lacks the call, or if a sandbox such as a seccomp
 * profile refuses it.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/identity.md}
 */
export interface Capabilities {
  /** A process can be opened by `pidfd_open(2)` and signalled through its pidfd. Linux 5.3 and later. */
  readonly pidfd: boolean
  /** A process can be signalled through an open `/proc/PID`. Linux 5.1 and later. */
  readonly procSignal: boolean
  /** `/proc` is mounted, and shows the processes of this PID namespace. */
  readonly proc: boolean
  /** A process group can be signalled through its leader's pidfd, even after the leader was reaped. Linux 6.9 and later. */
  readonly groupSignal: boolean
  /** A child can be waited for through its pidfd. Linux 5.4 and later. */
  readonly wait: boolean
  /** Facts about a process, such as its parent, can be read through its pidfd. Linux 6.13 and later. */
  readonly info: boolean
  /** The exit status of any process can be read through its pidfd. Linux 6.15 and later. */
  readonly exitInfo: boolean
  /** A target that is opened now has `raceFree: true`. */
  readonly raceFree: boolean
  /** Says in English why a field is `false`. Absent if all are `true`. */
  readonly reason?: string
  /**
   * What contained launch can have here. It is found out when it is first read, by starting two programs, which takes some
   * milliseconds. Not enumerable.
   */
  readonly isolation: IsolationCapabilities
}

/**
 * Returns what the running system supports. On Linux each call is tried once on this process; `proc` and `raceFree` are
 * checked each time.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/platforms.md}
 * @example
 * const { raceFree, reason } = capabilities()
 * if (!raceFree) console.warn(reason)
 * const isolation = capabilities().isolation.pidNamespace ? 'pid-namespace' : 'reaper'
 */
export function capabilities(): Capabilities {
  const found = native.capabilities() satisfies Found
  return Object.defineProperty(found, 'isolation', { get: isolationCapabilities }) as Capabilities
}
