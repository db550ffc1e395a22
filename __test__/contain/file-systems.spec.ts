import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import { testUnless } from '../helpers/test-unless.ts'

const entry = fileURLToPath(new URL('../../index.js', import.meta.url))

/** Runs a shell in mounts of its own, with the guard as `$1`. `/mnt` is a file system in memory. */
function inMounts(source: string, ...args: string[]) {
  const script = `mount -t tmpfs tmpfs /mnt && cd /mnt && ${source}`
  return spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', GUARD, ...args], { encoding: 'utf8' })
}

const inShell = (source: string) => spawnSync('sh', ['-c', source, GUARD], { encoding: 'utf8' })

testUnless(noGuard, 'a guard exits as the command if the file system of its output is full', (t) => {
  t.is(inShell('exec "$0" -- sh -c "echo; exit 7" > /dev/full').status, 7)
  t.is(inShell('exec "$0" -- /nonexistent 2> /dev/full').status, 127)
  t.is(inShell('exec "$0" --unknown -- true 2> /dev/full').status, 125)
})

testUnless(noGuard ?? noPidNamespace ?? undefined, 'a guard starts a command in a folder that is read-only', (t) => {
  const { status, stderr } = inMounts('mount -o remount,ro /mnt && cd /mnt && "$1" -- sh -c "exit 5"')
  t.deepEqual({ status, stderr }, { status: 5, stderr: '' })
})

testUnless(noGuard ?? noPidNamespace ?? undefined, 'a guard that may not be executed is an error of the start', (t) => {
  const program = `
    const { contained, spawn } = require(process.argv[1])
    for (const start of [contained, spawn]) {
      try { start('true') } catch ({ code, message }) { console.log(code, message) }
    }`
  const source = 'cp "$1" guard && mount -o remount,ro,noexec /mnt && mount --bind guard "$1" && "$2" -e "$4" "$3"'
  const { stdout, stderr } = inMounts(source, process.execPath, entry, program)
  const reason = `EACCES: permission denied, access '${GUARD}'`
  const line = `ERR_GUARD_NOT_FOUND The program for contained launch cannot be executed: ${reason}\n`
  t.deepEqual({ stdout, stderr }, { stdout: line + line, stderr: '' })
})
