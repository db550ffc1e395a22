import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { findRuntimes } from '../../scripts/runtimes.mjs'
import { CLI, noNpm, noRun, RUN } from '../helpers/cli.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { leavesNothing } from '../helpers/dying-hosts.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import {
  type Child,
  ended,
  hasExited,
  number,
  program,
  read,
  start,
  stat,
  until,
  within,
} from '../helpers/processes.ts'
import { serialUnless, testUnless } from '../helpers/test-unless.ts'

type Test = Parameters<typeof start>[0]

const root = fileURLToPath(new URL('../../', import.meta.url))
const DEATHS = Number(process.env['KILLTARGET_TEST_DEATHS'] ?? 20)

/** A folder where the package is installed, with its command for the script `serve`. */
function project(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-run-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/killtarget'))
  symlinkSync(CLI, join(folder, 'node_modules/.bin/killtarget'))
  const manifest = { name: 'project', private: true, scripts: { serve: `killtarget run -- ${SERVER}` } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'server.sh'), 'echo $$\nexec sleep 600\n')
  return folder
}

const SERVER = 'sh server.sh'

/** A client that starts a server as its configuration says, and waits. */
const CLIENT = `
  import { spawn } from 'node:child_process'
  const [command, ...args] = process.argv.slice(1)
  spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'] })
  process.stdin.resume()
`

/** Starts a client, and returns it with the pid of the server. */
async function serve(t: Test, command: readonly string[]): Promise<{ client: Child; server: number }> {
  const env = { ...process.env, npm_config_update_notifier: 'false' }
  const client = program(t, CLIENT, command, { cwd: project(t), env })
  return { client, server: await number(client) }
}

/** Returns the pids that the guard of a server watches. */
function hostsOf(server: number): number[] {
  const guard = stat(stat(server)!.ppid)!.ppid
  return Array.from(read(guard, 'cmdline').matchAll(/--parent=(\d+)/g), ([, pid]) => Number(pid))
}

/** Returns the ancestors of a process up to one of them, the nearest first. */
function ancestors(pid: number, last: number): number[] {
  const { ppid } = stat(pid)!
  return ppid === last ? [ppid] : [ppid, ...ancestors(ppid, last)]
}

const { bun } = findRuntimes()
const server = SERVER.split(' ')
const shellLine = [...RUN, '--', SERVER].join(' ')

for (const { title, command, reason } of [
  { title: 'killtarget run', command: [...RUN, '--', ...server] },
  { title: 'sh -c with killtarget run', command: ['sh', '-c', `${shellLine}; exit`] },
  { title: 'bash -ec with killtarget run', command: ['bash', '-ec', `${shellLine}; exit`] },
  { title: 'npx killtarget run', command: ['npx', 'killtarget', 'run', '--', ...server] },
  { title: 'npm exec killtarget run', command: ['npm', 'exec', '--', 'killtarget', 'run', '--', ...server] },
  { title: 'npm run with killtarget run as a script', command: ['npm', 'run', '--silent', 'serve'] },
  { title: 'npm run under npx', command: ['npx', '-c', 'npm run --silent serve'] },
  { title: 'bun x killtarget run', command: [bun?.path ?? '', 'x', 'killtarget', 'run', '--', ...server], ...bun },
  { title: 'bun run with killtarget run as a script', command: [bun?.path ?? '', 'run', '--silent', 'serve'], ...bun },
] as { title: string; command: string[]; reason?: string }[]) {
  const withoutNpm = /^np[mx]/.test(title) ? noNpm : undefined
  testUnless(noRun ?? reason ?? withoutNpm, `a server ends when its client gets SIGKILL: ${title}`, async (t) => {
    const { client, server: pid } = await serve(t, command)
    const guard = stat(stat(pid)!.ppid)!.ppid
    const between = ancestors(guard, client.pid)
    const hosts = hostsOf(pid)
    t.is(hosts[0], between[0])
    t.is(hosts.at(-1), client.pid)
    t.is(hosts.length, Math.min(between.length, 4))
    client.kill('SIGKILL')
    await until(() => hasExited(pid))
    // A runner exits at that.
    await until(() => between.every((each) => (stat(each)?.state ?? 'Z') === 'Z'))
  })
}

for (const [name, script, milliseconds] of [
  ['as its command line tells', 'node', 500],
  ['as its name tells, if its command line cannot be read for long', 'npm', 20_000],
] as const) {
  testUnless(noRun ?? noCompiler, `a package runner that waits for a disk is known: ${name}`, async (t) => {
    const runner = join(mkdtempSync(join(tmpdir(), 'killtarget-runner-')), script)
    t.teardown(() => rmSync(dirname(runner), { recursive: true }))
    symlinkSync(compiled('uninterruptible-runner'), runner)
    const { client, server: pid } = await serve(t, [runner, 'npm-cli.js', `${milliseconds}`, ...RUN, '--', ...server])
    t.deepEqual(hostsOf(pid).slice(1), [client.pid])
    client.kill('SIGKILL')
    await until(() => hasExited(pid))
  })
}

for (const name of ['npx', 'npm run']) {
  testUnless(noNpm, `a server ends when its package runner gets SIGKILL: ${name}`, async (t) => {
    const command = name === 'npx' ? ['npx', 'killtarget', 'run', '--', ...server] : ['npm', 'run', '--silent', 'serve']
    const { client, server: pid } = await serve(t, command)
    const [runner] = ancestors(stat(stat(pid)!.ppid)!.ppid, client.pid).slice(-2)
    process.kill(runner!, 'SIGKILL')
    await until(() => hasExited(pid))
    t.is(client.exitCode, null)
  })
}

testUnless(noRun, 'a server has only the hosts that its caller names', async (t) => {
  const { server: pid } = await serve(t, [...RUN, `--parent=${process.pid}`, '--', ...server])
  t.deepEqual(hostsOf(pid), [process.pid])
})

testUnless(noRun, 'a server without a host has none', async (t) => {
  const { client, server: pid } = await serve(t, [...RUN, '--orphaned=leave', '--', ...server])
  t.deepEqual(hostsOf(pid), [])
  client.kill('SIGKILL')
  await ended(client)
  t.not(stat(pid), undefined)
})

for (const between of ['', 'sh -c']) {
  for (const orphaned of ['terminate', 'leave']) {
    const expected = orphaned === 'leave' ? 'starts a command' : 'starts no command'
    testUnless(
      noRun,
      `killtarget run ${expected} if its caller has exited, orphaned ${orphaned}, ${between || 'nothing'} between`,
      async (t) => {
        const command = [...RUN, `--orphaned=${orphaned}`, '--', 'echo', 'started'].join(' ')
        const line = between === '' ? `exec ${command}` : `sh -c "${command}; exit"`
        // The shell that waits has another parent by the time at which it gets a line.
        const script = `sh -c 'read _; ${line}' <&0 & exit`
        const caller = start(t, 'sh', ['-c', script], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
        const output = Promise.all([text(caller.stdout), text(caller.stderr!)])
        await ended(caller)
        caller.stdin.end('\n')
        const [out, error] = await within(output, 'the output')
        t.is(out, orphaned === 'leave' ? 'started\n' : '')
        t.is(error.includes('has exited. Nothing is started.'), orphaned !== 'leave')
      },
    )
  }
}

/** A caller is killed between the start of Node and a moment when the command runs, on a busy machine. */
const LENGTH = { deaths: DEATHS, moments: 200_000, each: 1000, rest: 120_000 }

for (const between of [[], ['sh', '-c', '"$@"; exit', 'sh']]) {
  serialUnless(
    noRun ?? noCompiler ?? noPidNamespace ?? undefined,
    `no process is left if its caller is killed at a random moment, ${between[0] ?? 'nothing'} between`,
    (t) => {
      const command = ['/bin/sh', '-c', 'exec "$@"', 'sh', ...between, ...RUN, '--orphaned=kill', '--']
      return leavesNothing(t, LENGTH, [...command, 'sh', '-c', 'setsid sleep 600 & exec sleep 600'])
    },
  )
}
