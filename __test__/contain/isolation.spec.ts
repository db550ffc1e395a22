import { execFileSync } from 'node:child_process'
import test from 'ava'
import { capabilities, type IsolationCapabilities, spawn } from 'killtarget'
import { noGuard } from '../helpers/guard.ts'
import { type Child, ended, line, start } from '../helpers/processes.ts'
import { refusalOf } from '../helpers/refusal.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** Starts a process that writes what can be had, each time that it gets a line. */
async function asked(t: Parameters<typeof start>[0], launcher: readonly [string, ...string[]]): Promise<Child> {
  const source = `
    import { createInterface } from 'node:readline'
    import { capabilities } from 'killtarget'
    console.log('ready')
    for await (const _ of createInterface(process.stdin)) console.log(JSON.stringify(capabilities().isolation))
  `
  const [command, ...args] = launcher
  const child = start(t, command, [...args, process.execPath, '--input-type=module', '--eval', source])
  await line(child)
  return child
}

async function ask(child: Child): Promise<IsolationCapabilities> {
  child.stdin.write('\n')
  return JSON.parse(await line(child)) as IsolationCapabilities
}

for (const [name, isolation] of [
  ['reaper', 'reaper'],
  ['pidNamespace', 'pid-namespace'],
] as const) {
  testUnless(noGuard, `capabilities tell whether a command can be started with isolation ${isolation}`, async (t) => {
    const child = spawn('true', [], { isolation, stdio: 'ignore' })
    t.is((await ended(child)).code, capabilities().isolation[name] ? 0 : 125)
  })
}

test('capabilities of isolation have a reason only if something is missing', (t) => {
  const { reason, ...can } = capabilities().isolation
  t.deepEqual(Object.keys(can).toSorted(), ['pidNamespace', 'reaper'])
  t.is(reason !== undefined, Object.values(can).includes(false))
  t.false(Object.keys(capabilities()).includes('isolation'))
})

const inUserNamespace = ['unshare', '--user', '--map-root-user'] as const
testUnless(
  noGuard ?? refusalOf(inUserNamespace),
  'capabilities tell why there can be no PID namespace, and change nothing else',
  async (t) => {
    const none = 'echo 0 > /proc/sys/user/max_pid_namespaces && exec "$@"'
    t.deepEqual(await ask(await asked(t, [...inUserNamespace, 'sh', '-c', none, 'sh'])), {
      reaper: true,
      pidNamespace: false,
      reason: 'pidNamespace: cannot make a PID namespace: No space left on device',
    })
  },
)

const asNobody = ['setpriv', '--reuid=65534', '--clear-groups'] as const
testUnless(
  noGuard ?? refusalOf(asNobody),
  'capabilities of isolation are found out anew if no guard could be started',
  async (t) => {
    const child = await asked(t, asNobody)
    const prlimit = (...options: string[]) => {
      const [command, ...args] = asNobody
      return execFileSync(command, [...args, 'prlimit', '--pid', String(child.pid), ...options], {
        encoding: 'utf8',
      }).trim()
    }
    const most = prlimit('--nproc', '--output=HARD', '--noheadings', '--raw')
    prlimit('--nproc=1:')
    const found = await ask(child)
    t.like(found, { reaper: false, pidNamespace: false })
    t.regex(found.reason!, /^reaper: .*EAGAIN.*; pidNamespace: .*EAGAIN/)
    prlimit(`--nproc=${most}:`)
    t.true((await ask(child)).reaper)
  },
)
