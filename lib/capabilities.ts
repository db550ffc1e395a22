import type { Capabilities as Found } from '../binding.js'
import { native } from './native.js'

/** What the running system can do for a target. */
export interface Capabilities {
  /** Processes are held by `pidfd_open(2)` and signalled through that: Linux 5.3. */
  readonly pidfd: boolean
  /** Processes can be signalled through an open `/proc/PID`: Linux 5.1. */
  readonly procSignal: boolean
  /** `/proc` is there and shows the processes of this PID namespace. */
  readonly proc: boolean
  /** A group can be signalled through its leader's handle, after the leader was reaped too: Linux 6.9. */
  readonly groupSignal: boolean
  /** A child can be waited for through its handle: Linux 5.4. */
  readonly wait: boolean
  /** Facts about a process can be read through its handle: Linux 6.13. */
  readonly info: boolean
  /** How any process ended can be read through its handle: Linux 6.15. */
  readonly exitInfo: boolean
  /** A target that is opened now will be `raceFree`. */
  readonly raceFree: boolean
  /** Why what is missing is missing, for people to read. Absent where nothing is. */
  readonly reason?: string
}

/** What the running system can do, found out by trying each call on this process. */
export function capabilities(): Capabilities {
  return native.capabilities() satisfies Found
}
