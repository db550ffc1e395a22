import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import { ended, line, shell, start, stat, until } from '../helpers/processes.ts'
import { serialUnless, testUnless } from '../helpers/test-unless.ts'

const DEATHS = process.env['KILLTARGET_TEST_DEATHS'] ?? '100'

/** Microseconds: from before the guard's exec until the command runs. */
const MOMENTS = '4000'

/** A daemon, and a process that waits. They expire by themselves. */
const COMMAND = ['sh', '-c', 'setsid sleep 60 & exec sleep 60']

const identity = (pid: number) => `--parent=${pid}:${stat(pid)!.startTime}`

for (const orphaned of ['kill', 'terminate']) {
  serialUnless(
    noGuard ?? noCompiler ?? noPidNamespace ?? undefined,
    `no process is left if its host is killed at a random moment, orphaned ${orphaned}`,
    async (t) => {
      const timeout = 60_000 + Number(DEATHS) * 200
      t.timeout(timeout * 2)
      const guard = [GUARD, '--parent=', `--orphaned=${orphaned}`, '--', ...COMMAND]
      const hosts = [compiled('dying-hosts'), DEATHS, MOMENTS, ...guard]
      const unshare = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
      const { stdout } = await promisify(execFile)('setpriv', [...unshare, ...hosts], { timeout })
      t.is(stdout, '0\n')
    },
  )
}

testUnless(noGuard, 'a guard does not start the command if its host has exited', async (t) => {
  const host = start(t, 'true')
  const token = identity(host.pid)
  await ended(host)
  const guard = start(t, GUARD, [token, '--', 'echo', 'started'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const [text, error] = await Promise.all([guard.stdout, guard.stderr!].map((stream) => stream.toArray()))
  t.deepEqual(await ended(guard), { code: 125, signal: null })
  t.deepEqual(text, [])
  t.is(String(error), 'killtarget-guard: host: has exited\n')
})

testUnless(noGuard, 'a guard does not take a process with the pid of its host for the host', async (t) => {
  const host = start(t, 'cat')
  const wrong = `--parent=${host.pid}:${stat(host.pid)!.startTime - 1}`
  const guard = start(t, GUARD, [wrong, '--', 'echo', 'started'], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.deepEqual(await guard.stdout.toArray(), [])
  t.is((await ended(guard)).code, 125)
})

testUnless(noGuard, 'the command ends with its host, although the parent of the guard lives on', async (t) => {
  const host = start(t, 'cat')
  const between = shell(t, `${GUARD} ${identity(host.pid)} -- sh -c 'echo $$; exec sleep 600' & cat`)
  const command = Number(await line(between))
  host.kill('SIGKILL')
  await until(() => stat(command) === undefined)
  t.is(between.exitCode, null)
})

testUnless(noGuard, 'the command lives on if the host is gone and orphaned is leave', async (t) => {
  const host = shell(t, `${GUARD} --orphaned=leave -- sh -c 'echo $$; exec sleep 600' & cat`)
  const command = Number(await line(host))
  host.kill('SIGKILL')
  await ended(host)
  t.not(stat(command), undefined)
})
