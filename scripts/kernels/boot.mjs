// node scripts/kernels/boot.mjs KERNEL PROGRAM [ARGUMENT...]
//
// Boots a real kernel and runs a program there, with its output and its exit code. It runs in the copy of this package that
// `npm run test:kernels` made last. The machine shares nothing with this one, and what it writes to its disks is lost.
import { mkdirSync, readFileSync } from 'node:fs'
import { execa } from 'execa'
import { root } from '../run.mjs'
import { cache } from './cache.mjs'
import { CRASHED } from './crash.mjs'
import { KERNELS } from './list.mjs'
import { PACKAGE_IMAGE } from './package-image.mjs'
import { rootImage } from './root-image.mjs'
import { preloaded, userModeLinux } from './user-mode-linux.mjs'

const MEMORY = '2048M'
/** Milliseconds, also on a busy machine. */
const TIMEOUT = 45 * 60_000

/** Disks have whole sectors. */
const SECTOR = 512

/**
 * Starts user-mode Linux. All that it starts dies with its PID namespace. Its memory, and what it writes to its disks, are
 * files on a mount that goes with its mount namespace. A program names its dynamic linker by a fixed path, so the linker of
 * the suite is mounted there.
 */
const NAMESPACES = ['--kill-child', '--pid', '--fork', '--mount', '--mount-proc']
const START = `
mount -t tmpfs tmpfs "$TMPDIR" &&
printf %s "$SCRIPT" >"$TMPDIR/script" &&
mount --bind "$LIBRARIES/ld-linux-x86-64.so.2" /lib64/ld-linux-x86-64.so.2 &&
export LD_LIBRARY_PATH="$LIBRARIES" LD_PRELOAD="$PRELOAD" &&
"$@"
exit $?`

const [name, ...command] = process.argv.slice(2)
process.exitCode = await boot(KERNELS.get(name).suite)

/** Returns the exit code of the command. */
async function boot(suite) {
  const { program, libraries } = await userModeLinux(suite)
  const memory = `${cache}memory`
  mkdirSync(memory, { recursive: true })
  const settings = [
    `mem=${MEMORY}`,
    `ubd0=${memory}/root,${await rootImage()}`,
    `ubd1=${memory}/package,${PACKAGE_IMAGE}`,
    `ubd2r=${memory}/script`,
    'con=null',
    'con0=null,fd:2',
    'ssl=null',
    'ssl0=null,fd:1',
    'ssl1=null,fd:3',
    'root=/dev/ubda',
    'rw',
    'quiet',
    'init=/bin/sh',
    '--',
    '/dev/ubdc',
  ]
  const start = ['--pdeathsig', 'KILL', 'unshare', ...NAMESPACES, 'sh', '-c', START, 'sh', program, ...settings]
  const { stdio, stderr, shortMessage, timedOut } = await execa('setpriv', start, {
    env: { TMPDIR: memory, SCRIPT: initScript(), LIBRARIES: libraries, PRELOAD: await preloaded() },
    // User-mode Linux makes its descriptors non-blocking, so it inherits none.
    stdio: ['ignore', ['pipe', 'inherit'], 'pipe', 'pipe'],
    buffer: { stdout: false },
    reject: false,
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
  })
  const code = Number.parseInt(stdio[3], 10)
  if (Number.isInteger(code)) return code
  console.error(`Linux ${name} ended without an exit code: ${shortMessage ?? 'it was shut down'}. Its console:`)
  console.error(stderr.split('\n').slice(-30).join('\n'))
  return timedOut ? 1 : CRASHED
}

/** Returns what the first process runs: `guest.sh`, and before it what that needs to know. */
function initScript() {
  const environment = Object.entries(process.env).filter(([variable]) => variable.startsWith('KILLTARGET_TEST_'))
  const script = [
    ...Object.entries({ package: root.slice(0, -1), node: process.execPath }).map(assignment),
    ...environment.map((entry) => `export ${assignment(entry)}`),
    `set -- ${command.map(quoted).join(' ')}`,
    readFileSync(new URL('guest.sh', import.meta.url), 'utf8'),
  ].join('\n')
  return script + '\n'.repeat(SECTOR - (Buffer.byteLength(script) % SECTOR))
}

function assignment([variable, value]) {
  return `${variable}=${quoted(value)}`
}

function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
