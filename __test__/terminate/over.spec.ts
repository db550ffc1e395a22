import test, { type ExecutionContext } from 'ava'
import { killOnAbort, KillTarget, terminate, terminateSync, type Termination, waitOrKill } from 'killtarget'
import type { Found } from '../fixtures/comets-left.ts'
import type { Found as NotPermitted } from '../fixtures/leftovers-not-permitted.ts'
import { noCompiler } from '../helpers/compile.ts'
import { isUserModeLinux } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { type Child, ended, hasExited, number, shell, until } from '../helpers/processes.ts'
import { proves } from '../helpers/proof.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

// A shell starts a server and exits: the server is left in the session or group of the shell.

const LEFT = 'sleep 600 & echo $!'

/** Starts a shell that leaves a process behind, and resolves once Node has reaped it. */
async function left(t: ExecutionContext, script = LEFT): Promise<{ child: Child; server: number }> {
  const child = shell(t, script, { detached: true })
  const server = await number(child)
  await ended(child)
  return { child, server }
}

/**
 * Ends what a shell has left. On a busy machine, so many processes may start meanwhile that the pid of the shell could be
 * another's by now: then nothing may be signalled, and another shell is started.
 */
async function endLeft<T>(
  t: ExecutionContext,
  end: (child: Child) => T | Promise<T>,
  terminationOf: (result: T) => Termination | null,
  script?: string,
): Promise<{ result: T; server: number }> {
  for (let tries = 1; ; tries++) {
    const { child, server } = await left(t, script)
    const result = await end(child)
    const isRefused = (terminationOf(result)?.outcome ?? 'gone') === 'gone'
    if (!isRefused || tries === 20) return { result, server }
    t.false(hasExited(server))
  }
}

const itself = (termination: Termination) => termination

const TARGETS = { 'the pid': ({ pid }: Child) => pid, 'the child object': (child: Child) => child }

for (const [what, named] of Object.entries(TARGETS)) {
  test(`terminate ends what a process has left in its session, given ${what}`, async (t) => {
    for (const scope of ['tree', 'group'] as const) {
      const end = (child: Child) => terminate(named(child), { scope })
      const { result, server } = await endLeft(t, end, itself)
      t.like(result, { outcome: 'exited', ended: 1, survivors: [], proof: scope === 'tree' ? 'session' : 'group' })
      t.true(hasExited(server))
    }
  })

  test(`terminateSync ends what a process has left in its session, given ${what}`, async (t) => {
    const { result, server } = await endLeft(t, (child) => terminateSync(named(child)), itself)
    t.like(result, { outcome: 'exited', ended: 1, survivors: [], proof: 'session' })
    t.true(hasExited(server))
  })

  test(`terminate with the scope 'process' leaves alone what a process has left, given ${what}`, async (t) => {
    const { child, server } = await left(t)
    t.is((await terminate(named(child), { scope: 'process' })).outcome, 'gone')
    t.false(hasExited(server))
  })
}

test('terminate keeps the exit status of a child that has left others', async (t) => {
  const { result, server } = await endLeft(t, (child) => terminate(child), itself, `${LEFT}; exit 7`)
  t.is(result.status?.code, 7)
  t.true(hasExited(server))
})

test('a target that was opened on no process stays gone, and signals nothing', async (t) => {
  const { child, server } = await left(t)
  const target = KillTarget.fromPid(child.pid)
  t.is(target.method, 'gone')
  t.is((await target.terminate()).outcome, 'gone')
  t.false(hasExited(server))
})

test('killOnAbort stays armed while a process that has exited has left others', async (t) => {
  const child = shell(t, `read _; ${LEFT}`, { detached: true })
  const abort = new AbortController()
  const { done } = killOnAbort(child, abort.signal)
  child.stdin.write('\n')
  const server = await number(child)
  await ended(child)
  // The exit is noticed by then.
  await KillTarget.fromPid(child.pid).exited()
  abort.abort()
  t.like(await done, { outcome: 'exited', ended: 1, survivors: [], proof: 'session' })
  t.true(hasExited(server))
})

const RUNS = Number(process.env['KILLTARGET_TEST_TREES'] ?? 2)

testUnless(
  noCompiler ?? noPidNamespace ?? undefined,
  'killOnAbort stays armed for processes that fork and exit without pause',
  async (t) => {
    t.timeout(180_000)
    const options = { args: [String(RUNS)], timeout: 150_000 }
    const { outcomes, left: alive, busy } = await inNamespace<Found>('comets-left.ts', options)
    t.deepEqual(
      outcomes,
      Array.from({ length: RUNS }, () => 'killed'),
    )
    t.is(alive, 0)
    // A look has a limit, so JavaScript is not blocked for long. User-mode Linux counts the processor time of all.
    t.true(isUserModeLinux || busy < 250, `the looks of one turn took ${busy} ms`)
  },
)

test('killOnAbort resolves to null once a process has exited and left no other', async (t) => {
  const child = shell(t, 'read _', { detached: true })
  const { done } = killOnAbort(child, new AbortController().signal)
  child.stdin.write('\n')
  let isDone = false
  void done.then(() => (isDone = true))
  await until(() => isDone)
  t.is(await done, null)
})

for (const [leftovers, outcome] of [
  ['terminate', 'exited'],
  ['kill', 'killed'],
] as const) {
  test(`waitOrKill with the leftovers '${leftovers}' ends what a process that exits by itself has left`, async (t) => {
    await proves(t, 'session', async () => {
      const child = shell(t, `read _; ${LEFT}; exit 7`, { detached: true })
      const waiting = waitOrKill(child, { leftovers })
      child.stdin.write('\n')
      const server = await number(child)
      const { status, timedOut, aborted, termination } = await waiting
      t.like(termination, { outcome, ended: 1, survivors: [] })
      t.true(hasExited(server))
      t.deepEqual([status.code, timedOut, aborted], [7, false, false])
      return termination!
    })
  })

  test(`waitOrKill with the leftovers '${leftovers}' ends what a child that has exited before has left`, async (t) => {
    const end = (child: Child) => waitOrKill(child, { leftovers })
    const { result, server } = await endLeft(t, end, ({ termination }) => termination)
    t.like(result.termination, { outcome, ended: 1, survivors: [] })
    t.true(hasExited(server))
    t.is(result.status.code, 0)
  })

  test(`waitOrKill with the leftovers '${leftovers}' resolves to no termination if nothing is left`, async (t) => {
    const child = shell(t, 'exit 7', { detached: true })
    t.is((await waitOrKill(child, { leftovers })).termination, null)
  })
}

test('waitOrKill leaves alone what a process that exits by itself has left, unless leftovers says otherwise', async (t) => {
  const child = shell(t, `read _; ${LEFT}`, { detached: true })
  const waiting = waitOrKill(child)
  child.stdin.write('\n')
  const server = await number(child)
  t.is((await waiting).termination, null)
  t.false(hasExited(server))
})

test('waitOrKill rejects leftovers of another name', async (t) => {
  const options = { leftovers: 'end' as 'kill' }
  await t.throwsAsync(waitOrKill(1, options), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: /'leave', 'terminate', 'kill'/,
  })
})

testUnless(
  notRoot ?? noPidNamespace ?? undefined,
  'waitOrKill leaves no rejection unhandled if the abort comes while it ends leftovers that it may not signal',
  async (t) => {
    const { codes, unhandled } = await inNamespace<NotPermitted>('leftovers-not-permitted.ts')
    t.deepEqual(
      codes,
      Array.from({ length: 24 }, () => 'EPERM'),
    )
    t.deepEqual(unhandled, [])
  },
)
