// node run-on-arm64.mjs PROGRAM ARGUMENT...: runs a program for Linux on arm64, and the programs that it starts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { EMULATOR } from './arm64.mjs'

/** Makes the kernel run every program for arm64 by the emulator, in namespaces of its own. */
const REGISTER = String.raw`
read _ &&
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc &&
printf '%s' ':aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:${EMULATOR}:F' > /proc/sys/fs/binfmt_misc/register &&
exec "$@"`

const namespace = (pid) => readlinkSync(`/proc/${pid}/ns/user`)

const child = spawn('unshare', ['--user', '--mount', 'sh', '-c', REGISTER, 'sh', ...process.argv.slice(2)], {
  stdio: ['pipe', 'inherit', 'inherit'],
  timeout: 900_000,
  killSignal: 'SIGKILL',
})
while (namespace(child.pid) === namespace('self')) await sleep(5)
// Each user keeps its number.
for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${child.pid}/${map}`, '0 0 4294967295')
child.stdin.end('\n')
const [status] = await once(child, 'exit')
process.exitCode = status ?? 1
