import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { type Child, ended, pids, read, start, stat, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

type Test = Parameters<typeof start>[0]

/** Starts a watch of a host. Its command adds a line to a file, and fails until the file has so many. */
async function watched(t: Test, list: string, lines = 1): Promise<{ host: Child; count(): number; watch(): number[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'killtarget-watch-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [input, output] = [join(folder, 'list'), join(folder, 'lines')]
  writeFileSync(input, list)
  writeFileSync(output, '')
  const host = start(t, 'cat')
  const parent = `--parent=${host.pid}:${stat(host.pid)!.startTime}`
  const script = `echo >> "$0"; test $(wc -l < "$0") -ge ${lines}`
  const watch = start(t, GUARD, ['--watch', parent, '--', 'sh', '-c', script, output], {
    stdio: [openSync(input, 'r'), 'ignore', 'pipe'],
  })
  if ((await ended(watch)).code !== 0) throw new Error('the watch has not started')
  return {
    host,
    count: () => readFileSync(output, 'utf8').length,
    watch: () => pids().filter((pid) => read(pid, 'cmdline').includes(`\0${parent}\0`)),
  }
}

testUnless(noGuard, 'a watch runs its command once the host has exited, and not before', async (t) => {
  const { host, count, watch } = await watched(t, 'list')
  t.is(watch().length, 1)
  t.is(count(), 0)
  host.kill('SIGKILL')
  await until(() => watch().length === 0)
  t.is(count(), 1)
})

testUnless(noGuard, 'a watch runs nothing if its list is empty', async (t) => {
  const { host, count, watch } = await watched(t, '')
  host.kill('SIGKILL')
  await until(() => watch().length === 0)
  t.is(count(), 0)
})

testUnless(noGuard, 'a watch runs its command again if it fails, as at the limit of processes', async (t) => {
  const { host, count, watch } = await watched(t, 'list', 3)
  host.kill('SIGKILL')
  await until(() => watch().length === 0)
  t.is(count(), 3)
})

testUnless(noGuard, 'a watch does not take a process with the pid of its host for the host', async (t) => {
  const host = start(t, 'cat')
  const wrong = `--parent=${host.pid}:${stat(host.pid)!.startTime - 1}`
  const watch = start(t, GUARD, ['--watch', wrong, '--', 'sh', '-c', 'exit 0'], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.deepEqual(await ended(watch), { code: 0, signal: null })
  // The host counts as gone.
  await until(() => pids().every((pid) => !read(pid, 'cmdline').includes(`\0${wrong}\0`)))
  t.is(host.exitCode, null)
})
