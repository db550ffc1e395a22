import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import {
  descendants,
  killOnAbort,
  KillTarget,
  terminate,
  type TerminateOptions,
  terminateSync,
  waitOrKill,
} from 'killtarget'
import { noCompiler } from '../helpers/compile.ts'
import { ended, json, sleeper, start, state, until, within } from '../helpers/processes.ts'
import { open } from '../helpers/target.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { living, type Tree, tree } from '../helpers/tree.ts'

const treeTest = (title: string, run: Parameters<typeof testUnless>[2]) => testUnless(noCompiler, title, run)

/** Checks that only the excepted process and what it has started are left, and were not stopped. */
function isAllThatLives(t: ExecutionContext, { pids, pid }: Tree, what: string): void {
  t.deepEqual(living(pids), [pid('spared'), pid('kept')], what)
  for (const left of [pid('spared'), pid('kept')]) t.not(state(left), 'T', what)
}

const DESCRIPTION = 'root(a(b) spared(kept) c)'

treeTest('an excepted process and what it has started are left alone, in each scope', async (t) => {
  for (const [description, detached] of [
    [DESCRIPTION, false],
    [DESCRIPTION, true],
    ['root(a(b) s:spared(kept) c)', true],
    ['root(a(b) g:spared(s:kept) c)', true],
  ] as const) {
    for (const scope of detached ? (['tree', 'group'] as const) : (['tree'] as const)) {
      for (const killSignal of ['SIGTERM', 'SIGKILL'] as const) {
        const started = await tree(t, description, { detached })
        const what = `${description}, ${scope}, ${killSignal}`
        const report = await terminate(started.root, { scope, killSignal, except: [started.pid('spared')] })
        t.is(report.outcome, killSignal === 'SIGTERM' ? 'exited' : 'killed', what)
        t.deepEqual([report.ended, report.survivors], [4, []], what)
        isAllThatLives(t, started, what)
      }
    }
  }
})

treeTest('each verb that terminates leaves an excepted process alone', async (t) => {
  const abort = new AbortController()
  const verbs = {
    terminate: ({ root }: Tree, options: TerminateOptions) => terminate(root, options),
    'terminate, method': ({ root }: Tree, options: TerminateOptions) => open(t, root.pid).terminate(options),
    terminateSync: ({ root }: Tree, options: TerminateOptions) => terminateSync(root, options),
    'waitOrKill, time-out': ({ root }: Tree, options: TerminateOptions) => waitOrKill(root, { ...options, timeout: 1 }),
    'waitOrKill, abort': ({ root }: Tree, options: TerminateOptions) =>
      waitOrKill(root, { ...options, signal: AbortSignal.abort() }),
    killOnAbort: ({ root }: Tree, options: TerminateOptions) => {
      const { done } = killOnAbort(root, abort.signal, options)
      abort.abort()
      return done
    },
  }
  for (const [verb, run] of Object.entries(verbs)) {
    const started = await tree(t, DESCRIPTION, { detached: true })
    await run(started, { except: [started.pid('spared')] })
    isAllThatLives(t, started, verb)
  }
})

treeTest('an excepted process is named by its pid, by a target or by what descendants() has listed', async (t) => {
  for (const named of [
    ({ pid }: Tree) => pid('spared'),
    ({ pid }: Tree) => open(t, pid('spared')),
    ({ pid, root }: Tree) => descendants(root).find((info) => info.pid === pid('spared'))!,
  ]) {
    const started = await tree(t, DESCRIPTION)
    const notStarted = spawn('/no/such/program').on('error', () => {})
    await terminate(started.root, { except: [sleeper(t), named(started), notStarted] })
    isAllThatLives(t, started, named.toString())
  }
})

treeTest('a process that is left alone, or was started by one, is refused as the target', async (t) => {
  const { root, pids, pid } = await tree(t, DESCRIPTION)
  const refused = { code: 'ERR_EXCEPTED_TARGET', message: /Leave it out of `except`/ }
  using held = KillTarget.fromPid(pid('spared'))
  for (const [target, except] of [
    [root, root],
    [pid('kept'), held],
    [held, held],
    [root, process.pid],
    [pid('kept'), root],
  ] as const) {
    const options = { except: [except] }
    await t.throwsAsync(terminate(target, options), refused)
    // At once, and not when the time is up.
    await t.throwsAsync(waitOrKill(target, options), refused)
    t.throws(() => terminateSync(target, options), refused)
    t.throws(() => killOnAbort(target, new AbortController().signal, { ...options, allowSelf: true }), refused)
  }
  t.deepEqual(living(pids), pids)
})

treeTest('killOnAbort is over once only excepted processes are left', async (t) => {
  const started = await tree(t, 'root(spared(kept))', { detached: true })
  const { done } = killOnAbort(started.root, new AbortController().signal, { except: [started.pid('spared')] })
  started.root.kill()
  t.is(await within(done, 'the end of the watch'), null)
  isAllThatLives(t, started, 'killOnAbort')
})

treeTest('leftovers that an excepted process may have started are survivors', async (t) => {
  const { root, pids, pid } = await tree(t, 'root(spared(kept) a)', { detached: true })
  const waiting = waitOrKill(root, { leftovers: 'kill', except: [pid('spared')], killTimeout: 100 })
  root.kill()
  const { termination } = await waiting
  t.deepEqual(
    termination!.survivors.map((survivor) => [survivor.pid, survivor.reason]),
    [[pid('a'), 'unverified']],
  )
  t.deepEqual(living(pids), [pid('spared'), pid('kept'), pid('a')])
})

treeTest('an orphan that an excepted process may have started is not signalled, and is a survivor', async (t) => {
  // The shell ends when its child is running. Nothing tells any more that it has started that.
  const { root, pid } = await tree(t, 'root(a x:spared(kept))', { detached: true })
  using spared = KillTarget.fromPid(pid('a'))
  const report = await terminate(root, { except: [spared], killTimeout: 100 })
  t.is(report.outcome, 'survived')
  t.deepEqual(
    report.survivors.map((survivor) => [survivor.pid, survivor.reason]),
    [[pid('kept'), 'unverified']],
  )
  t.deepEqual(living([root.pid, pid('a'), pid('kept')]), [pid('a'), pid('kept')])
})

treeTest('calls with the same exceptions join, and others do not', async (t) => {
  const started = await tree(t, 'i:root(other spared(kept))', { detached: true })
  const except = [started.pid('spared')]
  const force = new AbortController()
  const calls = [
    terminate(started.root, { except, grace: 60_000, forceSignal: force.signal }),
    terminate(started.root, { except: [open(t, started.pid('spared'))], grace: 60_000 }),
  ]
  force.abort()
  const [first, second] = await Promise.all(calls)
  t.deepEqual([first!.outcome, second!.outcome], ['killed', 'killed'])
  isAllThatLives(t, started, 'joined')
  const both = await tree(t, 'i:root(other spared(kept))', { detached: true })
  await Promise.all([
    terminate(both.root, { except: [both.pid('spared')], grace: 500 }),
    terminate(both.root, { grace: 500 }),
  ])
  t.deepEqual(living(both.pids), [])
})

treeTest('a process can terminate the group that it is in, and leave itself alone', async (t) => {
  const source = `
    import { readFileSync } from 'node:fs'
    import { terminate } from 'killtarget'
    const group = Number(readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1).split(' ')[2])
    const refused = await terminate(group, { scope: 'group' }).catch(({ code }) => code)
    const { outcome, ended } = await terminate(group, { scope: 'group', except: [process.pid] })
    console.log(JSON.stringify({ refused, outcome, ended }))`
  // The shell makes a group of the pipe, and is not in it.
  const shell = start(t, 'bash', [
    '-c',
    'set -m; sleep 600 | "$0" --input-type=module --eval "$1"',
    process.execPath,
    source,
  ])
  t.deepEqual(await json(shell), { refused: 'ERR_PROTECTED_TARGET', outcome: 'exited', ended: 1 })
})

test.serial('what is opened for exceptions is closed', async (t) => {
  const other = sleeper(t)
  const count = () => readdirSync('/proc/self/fd').length
  const run = async () => {
    const child = sleeper(t)
    await terminate(child, { except: [other, other.pid] })
    await t.throwsAsync(terminate(1, { except: [other, {} as never] }))
    await ended(child)
  }
  await run()
  const before = count()
  for (let round = 0; round < 20; round++) await run()
  // Node closes the pipes of a child that has exited some time later.
  await until(() => count() <= before + 5, `the close of descriptors: ${before}, then ${count()}`)
  t.pass()
})

test('except must be an array of targets', async (t) => {
  const child = sleeper(t)
  for (const [except, code] of [
    [child, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [[null], 'ERR_INVALID_ARG_TYPE'],
    [[undefined, child], 'ERR_INVALID_ARG_TYPE'],
    [[0], 'ERR_OUT_OF_RANGE'],
    [[{}], 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    await t.throwsAsync(terminate(child, { except } as unknown as TerminateOptions), { code })
  }
  t.true(open(t, child.pid).isAlive())
})

test('the exceptions are checked for a child that has ended, too, and the error names the one', async (t) => {
  const child = sleeper(t)
  const other = sleeper(t)
  const closed = KillTarget.fromPid(other.pid)
  closed.close()
  for (const is of [child, sleeper(t)]) {
    if (is === child) {
      child.kill()
      await ended(child)
    }
    const options = { except: [other, closed] }
    const expected = { code: 'ERR_TARGET_CLOSED', message: /^`options\.except\[1\]`: / }
    await t.throwsAsync(terminate(is, options), expected)
    await t.throwsAsync(waitOrKill(is, options), expected)
    t.throws(() => terminateSync(is, options), expected)
    t.throws(() => killOnAbort(is, new AbortController().signal, options), expected)
  }
})
