import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { terminate } from 'killtarget'
import { ways } from '../helpers/clean-up.ts'
import { noCompiler } from '../helpers/compile.ts'
import { commandOf, GUARD, keeperOf, noGuard, queue, REQUESTS, toAsk } from '../helpers/guard.ts'
import { hasExited, line, start, state, until } from '../helpers/processes.ts'
import { refusalOf } from '../helpers/refusal.ts'
import { testUnless } from '../helpers/test-unless.ts'

// Others may ask a command to exit, too: they signal its guard, or the group, or they request it. If the host exits after that, the
// guard asks nothing once more. A program may take a second signal for a demand to exit at once.

/**
 * Writes its name and the signal at each SIGTERM and SIGHUP. Exits some time after a number of SIGTERM, 1 by default, and not before
 * it may.
 */
const COUNTER = `
  left=\${2:-1}
  trap 'echo "$1 TERM" >>"$FILE"; left=$((left - 1))' TERM
  trap 'echo "$1 HUP" >>"$FILE"' HUP
  echo ready
  while [ $left -gt 0 ]; do sleep 600 & wait $!; done
  until [ -e "$MAY_EXIT" ]; do sleep 0.1; done
  for i in 1 2 3 4 5 6; do sleep 0.1; done
  echo "$1 done" >>"$FILE"
`

/** A child in the group of the command, and one that has left it. */
const CHILDREN = 'sh "$COUNTER" child & setsid sh "$COUNTER" outside &'

const COMMAND = `${CHILDREN} exec sh "$COUNTER" command`

/** It exits at the first signal. */
const HASTY = `${CHILDREN} echo ready; sleep 600`

/** It survives a signal to the group. */
const LASTING_HOST = `trap : TERM; "$@" & echo $!; until ! kill -0 $!; do wait; done`

/** No process is killed before it is done. */
const LONG = '--grace=60000'

const HOST = '"$@" & echo $!; wait'

/** What is received if each process gets SIGTERM once, and finishes. */
const once = (...names: string[]) => names.flatMap((name) => [`${name} TERM`, `${name} done`])

const ALL = once('child', 'command', 'outside')

interface Tree {
  host: number
  guard: number
  /** What was received so far, sorted. */
  received: () => string[]
  /** Resolves once a line was received so often. */
  receives: (what: string, times?: number) => Promise<unknown>
  letExit: () => void
}

interface Options {
  host?: string
  command?: string
  options?: string[]
  waits?: boolean
}

/** Makes the files of the counters. `waits`: whether they exit only once they are let. */
function files(t: ExecutionContext, waits = false) {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-asked-once-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const names = ['file', 'counter', 'may-exit']
  const [file, counter, mayExit] = names.map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(file, '')
  writeFileSync(counter, COUNTER)
  const letExit = () => writeFileSync(mayExit, '')
  if (!waits) letExit()
  const received = () => readFileSync(file, 'utf8').split('\n').filter(Boolean).toSorted()
  return { counter, env: { ...process.env, FILE: file, COUNTER: counter, MAY_EXIT: mayExit }, received, letExit }
}

/** Starts a host with a guard in a group of its own, and waits until the processes below have begun. */
async function begin(
  t: ExecutionContext,
  { host = HOST, command = COMMAND, options = [LONG], waits }: Options,
): Promise<Tree> {
  const { env, received, letExit } = files(t, waits)
  const args = ['-c', host, 'sh', GUARD, ...options, '--', 'sh', '-c', command]
  const child = start(t, 'sh', args, { env, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = []
  for (let count = 0; count < (command.includes('child') ? 4 : 2); count++) lines.push(await line(child))
  const guard = Number(lines.find((text) => text !== 'ready'))
  const receives = (what: string, times = 1) =>
    until(() => received().filter((text) => text === what).length >= times, what)
  return { host: child.pid, guard, received, receives, letExit }
}

const noNamespace = refusalOf([GUARD, '--isolation=pid-namespace', '--', 'true']) ?? undefined

for (const isolation of ['reaper', 'pid-namespace']) {
  const reason = noGuard ?? (isolation === 'reaper' ? undefined : noNamespace)
  const options = [`--isolation=${isolation}`, LONG]

  testUnless(reason, `what was sent to a guard is not sent again as its host exits, ${isolation}`, async (t) => {
    const { host, guard, received, receives } = await begin(t, { options })
    process.kill(guard, 'SIGTERM')
    await receives('command TERM')
    process.kill(host, 'SIGKILL')
    await until(() => hasExited(guard))
    t.deepEqual(received(), ALL)
  })

  testUnless(reason, `what a guard has sent as its host has exited is not sent again, ${isolation}`, async (t) => {
    const { host, guard, received, receives, letExit } = await begin(t, { options, waits: true })
    process.kill(host, 'SIGKILL')
    await receives('command TERM')
    process.kill(guard, 'SIGTERM')
    letExit()
    await until(() => hasExited(guard))
    t.deepEqual(received(), ALL)
  })

  testUnless(
    reason,
    `what was sent to the group of a guard and its host is not sent again, ${isolation}`,
    async (t) => {
      const { host, guard, received } = await begin(t, { options })
      process.kill(-host, 'SIGTERM')
      await until(() => hasExited(guard))
      t.deepEqual(received(), ALL)
    },
  )

  testUnless(
    reason,
    `what was sent to the group of a guard is not sent again as its command exits, ${isolation}`,
    async (t) => {
      const { host, guard, received } = await begin(t, { options, host: LASTING_HOST, command: HASTY })
      process.kill(-host, 'SIGTERM')
      await until(() => hasExited(guard))
      t.deepEqual(received(), once('child', 'outside'))
    },
  )
}

/** Whom others send SIGTERM, and what ends the tree after that: the exit of the host, as the signal reaches it or by SIGKILL. */
const NESTED: Record<string, (tree: Tree) => void> = {
  'the outer guard': ({ guard }) => process.kill(guard, 'SIGTERM'),
  'the inner guard': ({ guard }) => process.kill(commandOf(guard), 'SIGTERM'),
  'the group': ({ host }) => process.kill(-host, 'SIGTERM'),
}

for (const [whom, signal] of Object.entries(NESTED)) {
  testUnless(
    noGuard,
    `what was sent to ${whom} of a guard in a guard is not sent again as the host exits`,
    async (t) => {
      const tree = await begin(t, { command: `exec "${GUARD}" ${LONG} -- sh -c '${COMMAND}'` })
      signal(tree)
      await tree.receives('command TERM')
      if (!hasExited(tree.host)) process.kill(tree.host, 'SIGKILL')
      await until(() => hasExited(tree.guard))
      t.deepEqual(tree.received(), ALL)
    },
  )
}

testUnless(noGuard, 'what a keeper keeps without its guard is asked once as the hosts of both exit', async (t) => {
  const kept = `"${GUARD}" ${LONG} --leftovers=keep -- sh -c 'sh "$COUNTER" child & setsid sh "$COUNTER" outside &'`
  const tree = await begin(t, { command: `${kept}; exec sh "$COUNTER" command` })
  process.kill(tree.host, 'SIGKILL')
  await until(() => hasExited(tree.guard))
  t.deepEqual(tree.received(), ALL)
})

for (const whom of ['guard', 'group'] as const) {
  testUnless(
    noGuard,
    `a clean-up is not asked that the command leaves as it exits at SIGTERM to the ${whom}`,
    async (t) => {
      const command = `trap 'sh "$COUNTER" cleaner 0 & exit' TERM; echo ready; while :; do sleep 600 & wait $!; done`
      const tree = await begin(t, { command, host: LASTING_HOST })
      process.kill(whom === 'guard' ? tree.guard : -tree.host, 'SIGTERM')
      await until(() => hasExited(tree.guard))
      t.deepEqual(tree.received(), ['cleaner done'])
    },
  )
}

/** These take a guard for any process. */
const SCOPES: Record<string, (tree: Tree) => Promise<unknown>> = {
  group: ({ host }) => terminate(host, { scope: 'group', grace: 600_000 }),
  process: ({ guard }) => terminate(guard, { scope: 'process', grace: 600_000 }),
}

for (const [scope, end] of Object.entries(SCOPES)) {
  testUnless(noGuard, `what terminate has asked with the scope '${scope}' is not asked again by a guard`, async (t) => {
    const tree = await begin(t, {})
    await end(tree)
    await until(() => hasExited(tree.guard))
    t.deepEqual(tree.received(), ALL)
  })
}

testUnless(noGuard, 'what was sent to a guard is sent again once the grace period is over', async (t) => {
  const grace = 3000
  const command = 'exec sh "$COUNTER" command 2'
  const { host, guard, received, receives } = await begin(t, { command, options: [`--grace=${grace}`] })
  process.kill(guard, 'SIGTERM')
  await receives('command TERM')
  const asked = performance.now()
  await until(() => performance.now() - asked > grace)
  process.kill(host, 'SIGKILL')
  await until(() => hasExited(guard))
  t.deepEqual(received(), ['command TERM', ...once('command')])
})

testUnless(noGuard, 'a command that was sent another signal is asked as the host exits', async (t) => {
  const { host, guard, received, receives } = await begin(t, {})
  process.kill(guard, 'SIGHUP')
  await receives('command HUP')
  process.kill(host, 'SIGKILL')
  await until(() => hasExited(guard))
  t.deepEqual(received(), ['command HUP', ...ALL].toSorted())
})

for (const verb of ['terminate', 'killOnAbort']) {
  const title = `a clean-up in a guard that a process has become is not asked to exit by ${verb}, or as its host exits`
  testUnless(noGuard, title, async (t) => {
    const { counter, env, received } = files(t)
    // The process has been looked at before it becomes the guard.
    const cleaning = `trap 'exec "${GUARD}" -- sh "${counter}" cleaner 0' TERM; echo ready; while :; do sleep 600 & wait $!; done`
    const host = `trap 'sleep 0.3; exit' TERM; sh -c '${cleaning.replaceAll("'", `'\\''`)}' & while :; do wait; done`
    const child = start(t, 'sh', ['-c', host], { env, stdio: ['pipe', 'pipe', 'ignore'] })
    t.is(await line(child), 'ready')
    await ways[verb]!(child, '')
    await until(() => received().length > 0)
    t.deepEqual(received(), ['cleaner done'])
  })
}

const NO_REQUESTS = noGuard ?? noCompiler ?? undefined

testUnless(NO_REQUESTS, 'all have been asked if a guard reads so only after the exit of its host', async (t) => {
  const { host, guard, received } = await begin(t, { options: ['--grace=500'] })
  process.kill(guard, 'SIGSTOP')
  await until(() => state(guard) === 'T')
  queue(guard, REQUESTS.asked)
  process.kill(host, 'SIGKILL')
  await until(() => hasExited(guard))
  t.deepEqual(received(), [])
})

for (const part of ['guard', 'keeper']) {
  const begun = async (t: ExecutionContext, given: Options = {}) => {
    const tree = await begin(t, given)
    const asked = part === 'guard' ? tree.guard : keeperOf(tree.guard)
    return { ...tree, ask: (signal: number) => queue(asked, toAsk(signal, 600)) }
  }

  testUnless(NO_REQUESTS, `a ${part} that was requested to ask all does not ask again as the host exits`, async (t) => {
    const { host, guard, ask, received, receives } = await begun(t)
    ask(15)
    await receives('outside TERM')
    process.kill(host, 'SIGKILL')
    await until(() => hasExited(guard))
    t.deepEqual(received(), ALL)
  })

  testUnless(NO_REQUESTS, `a ${part} that is requested to ask all has asked them as the host has exited`, async (t) => {
    const { host, guard, ask, received, receives, letExit } = await begun(t, { waits: true, options: [LONG] })
    process.kill(host, 'SIGKILL')
    await receives('command TERM')
    ask(15)
    letExit()
    await until(() => hasExited(guard))
    t.deepEqual(received(), ALL)
  })

  testUnless(NO_REQUESTS, `a ${part} asks again once the time of a request to ask all is over`, async (t) => {
    const options = ['--grace=2000']
    const tree = await begin(t, { options, command: 'exec sh "$COUNTER" command 2' })
    queue(part === 'guard' ? tree.guard : keeperOf(tree.guard), toAsk(15, 0))
    await tree.receives('command TERM')
    const asked = performance.now()
    await until(() => performance.now() - asked > 2000)
    process.kill(tree.host, 'SIGKILL')
    await until(() => hasExited(tree.guard))
    t.deepEqual(tree.received(), ['command TERM', ...once('command')])
  })

  testUnless(NO_REQUESTS, `a ${part} that is requested to ask all uses the signal and the time`, async (t) => {
    const { guard, ask, received, receives } = await begun(t, { options: ['--grace=1', '--kill-signal=KILL'] })
    ask(1)
    await receives('command HUP')
    await receives('outside HUP')
    process.kill(commandOf(guard), 'SIGTERM')
    await receives('command done')
    t.deepEqual(received(), ['child HUP', 'command HUP', ...once('command'), 'outside HUP'].toSorted())
  })
}
