import type { Capabilities, Method } from 'killtarget'

/** Under which kernel the suite runs: this machine's, or one that `old-kernel.rs` puts on. */
const named = process.env['KILLTARGET_TEST_KERNEL'] ?? 'host'
export const kernel = named === 'host' && process.platform !== 'linux' ? process.platform : named

type Truth = { method: Method; raceFree: boolean; capabilities: Omit<Capabilities, 'proc' | 'raceFree' | 'reason'> }

/** What each must be found to be. The host is one of 6.15 or later: there nothing is missing. */
const truths: Record<string, Truth> = {
  host: {
    method: 'pidfd',
    raceFree: true,
    capabilities: { pidfd: true, procSignal: true, groupSignal: true, wait: true, info: true, exitInfo: true },
  },
  '6.12': {
    method: 'pidfd',
    raceFree: true,
    capabilities: { pidfd: true, procSignal: true, groupSignal: true, wait: true, info: false, exitInfo: false },
  },
  '6.8': {
    method: 'pidfd',
    raceFree: true,
    capabilities: { pidfd: true, procSignal: true, groupSignal: false, wait: true, info: false, exitInfo: false },
  },
  '5.2': {
    method: 'proc-fd',
    raceFree: true,
    capabilities: { pidfd: false, procSignal: true, groupSignal: false, wait: false, info: false, exitInfo: false },
  },
  'no-pidfd': {
    method: 'proc-fd',
    raceFree: false,
    capabilities: { pidfd: false, procSignal: false, groupSignal: false, wait: false, info: false, exitInfo: false },
  },
  refused: {
    method: 'proc-fd',
    raceFree: false,
    capabilities: { pidfd: false, procSignal: false, groupSignal: false, wait: false, info: false, exitInfo: false },
  },
  win32: {
    method: 'handle',
    raceFree: true,
    capabilities: { pidfd: false, procSignal: false, groupSignal: false, wait: true, info: true, exitInfo: true },
  },
  // Of macOS 14.2 or later.
  darwin: {
    method: 'audit-token',
    raceFree: true,
    capabilities: { pidfd: false, procSignal: false, groupSignal: false, wait: false, info: false, exitInfo: false },
  },
}

export const truth: Truth = truths[kernel]!
