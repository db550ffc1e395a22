import { readFileSync } from 'node:fs'
import type { Capabilities, Method } from 'killtarget'

/** The kernel under test: this machine's, or one of `npm run test:kernels`. Real ones are named by their version. */
const named = process.env['KILLTARGET_TEST_KERNEL'] ?? 'host'
export const kernel = named === 'host' && process.platform !== 'linux' ? process.platform : named

/** Whether the kernel is user-mode Linux: a guest of the tests, and slow. */
export const isUserModeLinux =
  process.platform === 'linux' && readFileSync('/proc/cpuinfo', 'latin1').includes('User Mode Linux')

/**
 * Whether the kernel tells the group of a reaped leader from a later group with the same number. Since Linux 5.12 the owner of a
 * file does, which the other simulated kernels do not have.
 */
export const tellsReusedGroups = !['5.10', 'simulated-5.2', 'simulated-enosys', 'simulated-eperm'].includes(kernel)

/** Whether the kernel tells that a pid was free since its process was reaped: Linux 6.14 to 6.18. */
export const tellsFreePids = kernel === 'host'

type Truth = {
  method: Method
  raceFree: boolean
  capabilities: Omit<Capabilities, 'isolation' | 'proc' | 'raceFree' | 'reason'>
}

const noCapabilities = {
  pidfd: false,
  procSignal: false,
  groupSignal: false,
  wait: false,
  info: false,
  exitInfo: false,
}

/** Linux 5.4 to 6.8. */
const pidfd: Truth = {
  method: 'pidfd',
  raceFree: true,
  capabilities: { ...noCapabilities, pidfd: true, procSignal: true, wait: true },
}

/** Linux 6.9 to 6.12. */
const pidfdOfGroup: Truth = { ...pidfd, capabilities: { ...pidfd.capabilities, groupSignal: true } }

/** Linux 6.15 and later. */
const everything: Truth = { ...pidfd, capabilities: { ...pidfdOfGroup.capabilities, info: true, exitInfo: true } }

/** Linux without calls for pidfds. */
const procOnly: Truth = { method: 'proc-fd', raceFree: false, capabilities: noCapabilities }

/** The capabilities that the tests must find on each kernel. */
const truths: Record<string, Truth> = {
  host: everything,
  '5.10': pidfd,
  '6.1': pidfd,
  '6.12': pidfdOfGroup,
  '7': everything,
  'simulated-6.12': pidfdOfGroup,
  'simulated-6.8': pidfd,
  // `pidfd_send_signal` takes a `/proc` directory, too.
  'simulated-5.2': { method: 'proc-fd', raceFree: true, capabilities: { ...noCapabilities, procSignal: true } },
  'simulated-enosys': procOnly,
  'simulated-eperm': procOnly,
  win32: {
    method: 'handle',
    raceFree: true,
    capabilities: { ...noCapabilities, wait: true, info: true, exitInfo: true },
  },
  // macOS 14.2 and later.
  darwin: { method: 'audit-token', raceFree: true, capabilities: noCapabilities },
}

const found = truths[kernel]
if (found === undefined) throw new Error(`KILLTARGET_TEST_KERNEL names no kernel of the tests: ${kernel}`)
export const truth = found
