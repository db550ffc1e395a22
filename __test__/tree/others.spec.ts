import { readFileSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import { descendants, KillTarget, terminate } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import {
  type Child,
  hasExited,
  noteStart,
  number,
  shell,
  start,
  stat,
  state,
  until,
  within,
} from '../helpers/processes.ts'
import { endedBy } from '../helpers/status.ts'
import { noUninterruptible, uninterruptibleFile } from '../helpers/uninterruptible.ts'
import { named, noSetUid, noUsers, setUidTree, terminatedByUnprivileged } from '../helpers/other-users.ts'
import { held, open } from '../helpers/target.ts'
import { living, readTree, tree } from '../helpers/tree.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

// With a grace period, and without one: then the core first stops all processes that it may signal.
for (const [grace, how] of [
  [60_000, 'politely'],
  [0, 'at once'],
] as const) {
  testUnless(
    noUsers,
    `terminate names the members of another user, does not wait for them, and ends the rest: ${how}`,
    async (t) => {
      const { root, pids, pid } = await tree(t, 'root(n:one(n:two) three(n:four) s:five(sn:six))')
      const termination = await within(terminatedByUnprivileged(t, root.pid, grace), 'the end')
      const others = ['root', 'three', 'five']
      t.like(termination, { outcome: 'survived', status: null, ended: 4, proof: 'descendants' })
      t.deepEqual(
        named(termination),
        others.map((name) => [pid(name), name, 'not-permitted']),
      )
      t.deepEqual(living(pids), others.map(pid))
      t.deepEqual(
        others.map((name) => state(pid(name))),
        ['S', 'S', 'S'],
      )
    },
  )
}

testUnless(noUsers, 'terminate fails with EPERM if no process of the tree may be signalled', async (t) => {
  const { root, pids } = await tree(t, 'root(one s:two)')
  t.like(await terminatedByUnprivileged(t, root.pid), { code: 'EPERM', pid: root.pid })
  t.deepEqual(living(pids), pids)
})

testUnless(noUsers ?? noSetUid(), 'terminate ends those set-uid programs that the user may signal', async (t) => {
  const { path, remove } = setUidTree()
  t.teardown(remove)
  const root = start(t, 'sh', ['-c', '"$0" "one(r:two(three) four)" & wait', path], { uid: NOBODY })
  const { pids, pid } = await readTree(root)
  const termination = await within(terminatedByUnprivileged(t, root.pid), 'the end')
  // kill(2) compares the real user id: a set-uid program can be signalled until it changes that, too.
  t.like(termination, { outcome: 'survived', ended: 3 })
  t.deepEqual(named(termination), [
    [pid('two'), 'two', 'not-permitted'],
    [pid('three'), 'three', 'not-permitted'],
  ])
  t.deepEqual(living(pids), [pid('two'), pid('three')])
})

/** Starts a tree in a nested PID namespace, by a shell. Resolves to the shell, and to the outer pids of the tree by name. */
async function below(t: ExecutionContext, inside: string): Promise<{ root: Child; pids: Map<string, number> }> {
  const root = start(t, 'sh', ['-c', 'unshare --pid --fork "$0" "$1" & wait', compiled('tree'), inside])
  t.is((await readTree(root)).pid('init'), 1)
  const pids = new Map(descendants(root.pid).map(({ name, pid }) => [name!, pid]))
  // Others start processes without pause meanwhile.
  for (const pid of pids.values()) noteStart(pid)
  return { root, pids }
}

const noNamespaces = noCompiler || noPidNamespace || undefined

testUnless(noNamespaces, 'terminate ends the processes of a nested PID namespace', async (t) => {
  const { root, pids } = await below(t, 'init(one x:over(orphan(two)) s:three(x:over(g:four)))')
  t.deepEqual([...pids.keys()].sort(), ['four', 'init', 'one', 'orphan', 'three', 'two', 'unshare'])
  // The kernel drops signals without a handler for pid 1 of a namespace, but for SIGKILL from outside.
  const termination = await open(t, root.pid).terminate({ grace: 200, killTimeout: 60_000 })
  t.like(termination, { outcome: 'killed', ended: 8, survivors: [] })
  t.deepEqual(living([...pids.values()]), [])
})

testUnless(
  noNamespaces,
  'terminate ends a tree in a nested PID namespace, with its orphans, and no other process',
  async (t) => {
    const { pids } = await below(t, 'init(s:leader(x:over(orphan(one)) two) three x:over(four))')
    t.is(stat(pids.get('orphan')!)!.ppid, pids.get('init')!)
    const termination = await open(t, pids.get('leader')!).terminate({ grace: 60_000, killTimeout: 60_000 })
    t.like(termination, { outcome: 'exited', ended: 4, survivors: [], proof: 'session' })
    t.deepEqual(
      ['leader', 'orphan', 'one', 'two', 'three', 'four', 'init', 'unshare'].filter(
        (name) => !hasExited(pids.get(name)!),
      ),
      ['three', 'four', 'init', 'unshare'],
    )
  },
)

/** Starts a tree with an uninterruptible process and with one in its own session. */
async function withUninterruptible(
  t: ExecutionContext,
): Promise<{ root: Child; pid: number; release(): Promise<void> }> {
  const child = 'sh -c \'echo $$; echo $$ >"$0"; sleep 600\' "$path"'
  const root = shell(t, `read path; ${child} & setsid sleep 600 & wait`)
  const { path, release } = await uninterruptibleFile(t)
  root.stdin.write(`${path}\n`)
  const pid = await number(root)
  await until(() => state(pid) === 'D', 'the process to become uninterruptible')
  return { root, pid, release }
}

for (const call of ['terminate', 'terminateSync'] as const) {
  for (const grace of [100, 0]) {
    testUnless(
      noUninterruptible,
      `${call} names an uninterruptible process, which exits when its wait is over: a grace of ${grace}`,
      async (t) => {
        const { root, pid, release } = await withUninterruptible(t)
        const termination = await held(t, KillTarget.fromChild(root), root.pid)[call]({ grace, killTimeout: 2000 })
        t.like(termination, { outcome: 'survived', status: endedBy(grace === 0 ? 'SIGKILL' : 'SIGTERM'), ended: 2 })
        t.deepEqual(named(termination), [[pid, 'sh', 'uninterruptible']])
        t.is(state(pid), 'D')
        await release()
        await until(() => hasExited(pid), 'the process to exit')
      },
    )
  }
}

testUnless(
  noUninterruptible,
  'suspend names an uninterruptible process, which stops when its wait is over, and resume continues it',
  async (t) => {
    const { root, pid, release } = await withUninterruptible(t)
    const target = open(t, root.pid)
    const unstopped = await target.suspend({ scope: 'tree' })
    t.deepEqual(
      unstopped.map((process) => [process.pid, process.state]),
      [[pid, 'D']],
    )
    t.deepEqual([root.pid, ...descendants(target).map((process) => process.pid)].map(state).sort(), ['D', 'T', 'T'])
    await release()
    await until(() => state(pid) === 'T', 'the process to stop')
    t.deepEqual(await target.resume({ scope: 'tree' }), [])
    await until(() => state(pid) === 'S', 'the process to continue')
  },
)

for (const [options, outcome] of [
  [{ grace: 60_000, killTimeout: 60_000 }, 'exited'],
  [{ grace: 0, killTimeout: 60_000 }, 'killed'],
] as const) {
  testUnless(noCompiler, `a process that waits for its child of vfork gets the outcome '${outcome}'`, async (t) => {
    const root = start(t, 'sh', ['-c', '"$0" & wait', compiled('vfork')])
    const { pids, pid } = await readTree(root)
    await until(() => state(pid('parent')) === 'D')
    t.like(await within(open(t, root.pid).terminate(options), 'the end'), { outcome, ended: 3, survivors: [] })
    t.deepEqual(living(pids), [])
  })
}

for (const how of ['running', 'stopped']) {
  testUnless(noCompiler, `terminate ends a traced process and its tracer, which is in the tree: ${how}`, async (t) => {
    for (const grace of [100, 0]) {
      const root = start(t, 'sh', ['-c', '"$0" "$1" & wait', compiled('tracer'), how])
      const { pids } = await readTree(root)
      t.like(await open(t, root.pid).terminate({ grace, killTimeout: 60_000 }), { ended: 3, survivors: [] })
      t.deepEqual(living(pids), [])
    }
  })

  testUnless(noCompiler, `terminate ends a traced process, and not a tracer outside of the tree: ${how}`, async (t) => {
    for (const grace of [100, 0]) {
      const { root, pids, pid } = await tree(t, 'root(one(two))')
      const tracer = await readTree(start(t, compiled('tracer'), [how, String(pid('one'))]))
      // The tracer does not pass the polite signal on.
      t.like(await open(t, root.pid).terminate({ grace, killTimeout: 60_000 }), {
        outcome: 'killed',
        ended: 3,
        survivors: [],
      })
      t.deepEqual(living(pids), [])
      t.false(hasExited(tracer.pid('tracer')))
    }
  })
}

const KTHREADD = 2

/** Returns a kernel thread that never exits and ignores all signals. */
function kernelThread(): number | undefined {
  return descendants(KTHREADD).find(({ pid, name }) => name === 'ksoftirqd/0' && ignoresAll(pid))?.pid
}

/** Reads the signal masks. They also ensure that the test signals no process that would react. */
function ignoresAll(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return ['SigIgn:\tffffffffffffffff', 'SigBlk:\t0000000000000000', 'SigCgt:\t0000000000000000'].every((mask) =>
    status.includes(mask),
  )
}

const noKernelThreads =
  notRoot ?? (isKernelThread(KTHREADD) ? undefined : 'kernel threads are in the first PID namespace only')

function isKernelThread(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1') === 'kthreadd\n'
  } catch {
    return false
  }
}

testUnless(noKernelThreads, 'descendants lists kernel threads below kthreadd', (t) => {
  const found = descendants(KTHREADD)
  t.true(found.length > 0)
  for (const { ppid, pgid, sid } of found) t.deepEqual([ppid, pgid, sid], [KTHREADD, 0, 0])
})

testUnless(noKernelThreads, 'terminate names a kernel thread as a survivor', async (t) => {
  const pid = kernelThread()!
  t.not(pid, undefined)
  for (const scope of ['process', 'tree'] as const) {
    const termination = await terminate(pid, { scope, grace: false, killTimeout: 50 })
    t.like(termination, { outcome: 'survived', status: null, ended: 0 })
    t.deepEqual(named(termination), [[pid, 'ksoftirqd/0', 'timeout']])
  }
})
