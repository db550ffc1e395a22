import test from 'ava'
import { type Termination, terminate, type TerminateStep } from 'killtarget'
import { type Child, ended, group, line, shell, start, state, until } from '../helpers/processes.ts'
import { ignoresSigterm } from '../helpers/ignores-sigterm.ts'
import { open } from '../helpers/target.ts'

/** Starts a shell that writes a line at each signal. */
async function signalLogger(t: Parameters<typeof shell>[0], rest = 'while :; do sleep 0.01; done'): Promise<Child> {
  const traps = ['INT', 'HUP', 'TERM', 'CONT'].map((name) => `trap 'echo ${name}' ${name}`).join('; ')
  const child = shell(t, `${traps}; exec 2>/dev/null; echo ready; ${rest}`, { detached: true })
  await line(child)
  return child
}

test('each step sends its signals in order, then SIGCONT, and SIGKILL follows the last step', async (t) => {
  const child = await signalLogger(t)
  const steps: TerminateStep[] = [
    { signal: 'SIGINT', grace: 1000 },
    { signal: ['SIGTERM', 'SIGHUP'], grace: 1000 },
  ]
  const { outcome, elapsed } = await terminate(child, { scope: 'process', steps })
  t.is(outcome, 'killed')
  t.true(elapsed >= 2000)
  const lines: string[] = []
  for (let count = 0; count < 5; count++) lines.push(await line(child))
  // The kernel delivers pending signals in the order of their numbers.
  t.deepEqual(lines.slice(0, 2), ['INT', 'CONT'])
  t.deepEqual(lines.slice(2).sort(), ['CONT', 'HUP', 'TERM'])
  await t.throwsAsync(line(child), { message: /wrote no more lines/ })
})

test('the polite signals of a list are sent in one step, each once', async (t) => {
  const child = await signalLogger(t)
  const killSignal = ['SIGINT', 'SIGHUP', 'SIGINT'] as const
  const { outcome } = await terminate(child, { scope: 'process', killSignal, grace: 1000 })
  t.is(outcome, 'killed')
  const lines = [await line(child), await line(child), await line(child)]
  t.deepEqual(lines.sort(), ['CONT', 'HUP', 'INT'])
  await t.throwsAsync(line(child), { message: /wrote no more lines/ })
})

test('SIGKILL as the only signal of a list leaves no grace period', async (t) => {
  const child = await signalLogger(t)
  t.is((await terminate(child, { killSignal: ['SIGKILL'], grace: 60_000 })).outcome, 'killed')
  await t.throwsAsync(line(child), { message: /wrote no more lines/ })
})

test('a step ends as soon as all processes have exited', async (t) => {
  const child = shell(t, 'trap "exit 4" HUP; trap "" INT; echo ready; while :; do sleep 0.01; done')
  await line(child)
  const steps: TerminateStep[] = [
    { signal: 'SIGINT', grace: 50 },
    { signal: 'SIGHUP', grace: 60_000 },
    { signal: 'SIGTERM', grace: 60_000 },
  ]
  t.is((await terminate(child, { steps })).outcome, 'exited')
  t.deepEqual(await ended(child), { code: 4, signal: null })
})

test('a step to the root signals no other member of the group', async (t) => {
  const member = `sh -c 'trap "echo member" TERM; echo there; while :; do sleep 0.01; done'`
  const leader = shell(t, `trap 'echo leader' TERM; exec 2>/dev/null; ${member} & while :; do sleep 0.01; done`, {
    detached: true,
  })
  t.is(await line(leader), 'there')
  const steps: TerminateStep[] = [{ signal: 'SIGTERM', grace: 1000, to: 'root' }]
  const { outcome, ended: count } = await terminate(leader, { scope: 'group', steps })
  t.is(outcome, 'killed')
  t.true(count >= 2)
  t.is(await line(leader), 'leader')
  await t.throwsAsync(line(leader), { message: /wrote no more lines/ })
})

test('a step to the root suffices if the root terminates its members, as with KillMode=mixed of systemd', async (t) => {
  const member = 'sleep 600'
  const leader = shell(t, `${member} & trap 'kill $!; wait; exit 5' TERM; echo ready; while :; do sleep 0.01; done`, {
    detached: true,
  })
  await line(leader)
  const steps: TerminateStep[] = [{ signal: 'SIGTERM', grace: 60_000, to: 'root' }]
  t.is((await terminate(leader, { scope: 'group', steps })).outcome, 'exited')
  t.is((await ended(leader)).code, 5)
})

test('a step without a signal only waits for all processes', async (t) => {
  const steps: TerminateStep[] = [
    { signal: [], grace: 300 },
    { signal: 'SIGTERM', grace: 60_000 },
  ]
  const child = await signalLogger(t)
  const termination = terminate(child, { scope: 'process', steps: [steps[0]!] })
  t.is((await termination).outcome, 'killed')
  await t.throwsAsync(line(child), { message: /wrote no more lines/ })

  // The server exits when its input ends. The process that it leaves behind gets SIGTERM.
  const server = shell(t, 'sleep 600 & echo ready; cat', { detached: true })
  await line(server)
  const ending = terminate(server, { scope: 'group', steps })
  server.stdin.end()
  const { outcome, status: exit, ended: count } = await ending
  // `cat` may exit before the first scan.
  t.is(outcome, 'exited')
  t.true(count === 2 || count === 3)
  t.true(exit!.code === 0 && exit!.known)
})

/** Starts an interactive bash. `script` gives it the terminal that it needs for that. */
async function interactiveBash(t: Parameters<typeof start>[0]): Promise<{ bash: number; script: Child }> {
  const command = ['--quiet', '--command', 'exec bash --norc --noprofile -i', '/dev/null']
  const script = start(t, 'script', command, { env: { ...process.env, PS1: '', HISTFILE: '' } })
  script.stdin.write('echo "I am $$."\n')
  for (;;) {
    const found = /I am (\d+)\./.exec(await line(script))
    if (found) return { bash: Number(found[1]), script }
  }
}

test('an interactive shell ignores SIGTERM, and exits at SIGTERM with SIGHUP', async (t) => {
  const first = await interactiveBash(t)
  const alone: Termination = await terminate(first.bash, { grace: 300 })
  t.is(alone.outcome, 'killed')
  const second = await interactiveBash(t)
  const steps: TerminateStep[] = [{ signal: ['SIGTERM', 'SIGHUP'], grace: 60_000 }]
  const ending = terminate(second.bash, { steps })
  // Bash handles a signal that comes right before a read after that read only. So it gets lines to read.
  second.script.stdin.on('error', () => {}) // Bash may have exited by then.
  const reads = setInterval(() => second.script.stdin.write('\n'), 50)
  t.teardown(() => clearInterval(reads))
  t.is((await ending).outcome, 'exited')
})

test('an infinite grace period lasts until forceSignal is aborted', async (t) => {
  const child = await ignoresSigterm(t)
  const controller = new AbortController()
  const termination = terminate(child, { grace: Infinity, forceSignal: controller.signal })
  await t.throwsAsync(open(t, child.pid).exited({ timeout: 200 }), { code: 'ERR_TIMEOUT' })
  controller.abort()
  t.is((await termination).outcome, 'killed')
})

test('an aborted forceSignal skips the rest of the grace period, but not the first signals', async (t) => {
  const child = await signalLogger(t, 'while :; do read _ || sleep 0.01; done')
  child.kill('SIGSTOP')
  await until(() => state(child.pid) === 'T')
  const options = { scope: 'process', grace: 60_000, forceSignal: AbortSignal.abort() } as const
  t.is((await terminate(child, options)).outcome, 'killed')

  const group1 = await signalLogger(t)
  const steps: TerminateStep[] = [
    { signal: 'SIGINT', grace: 60_000 },
    { signal: 'SIGTERM', grace: 60_000 },
  ]
  const controller = new AbortController()
  const termination = terminate(group1, { steps, forceSignal: controller.signal })
  t.is(await line(group1), 'INT')
  controller.abort()
  t.is((await termination).outcome, 'killed')
  t.deepEqual(
    group(group1.pid).filter((pid) => state(pid) !== 'Z'),
    [],
  )
})
