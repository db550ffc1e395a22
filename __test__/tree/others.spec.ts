import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { descendants, type KillError, KillTarget, terminate, type Termination } from 'killtarget'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { noPidNamespace } from '../helpers/namespace.ts'
import { type Child, json, number, program, shell, start, stat, state, until, within } from '../helpers/processes.ts'
import { endedBy } from '../helpers/status.ts'
import { noUninterruptible, uninterruptibleFile } from '../helpers/uninterruptible.ts'
import { held, open } from '../helpers/target.ts'
import { isOver, living, planted, tree } from '../helpers/tree.ts'
import { notRoot, testUnless } from '../helpers/test-unless.ts'

/** What comes of it when the user who has the least rights ends a tree. */
async function terminatedByNobody(
  t: ExecutionContext,
  pid: number,
  grace = 60_000,
): Promise<Termination & Partial<KillError>> {
  const source = `
    import { terminate } from 'killtarget'
    process.setuid(${NOBODY})
    const [pid, grace] = process.argv.slice(1).map(Number)
    console.log(JSON.stringify(await terminate(pid, { grace, timeout: 60_000 }).catch((error) => error)))
  `
  return json(program(t, source, [pid, grace]))
}

const named = ({ survivors }: Termination) => survivors.map(({ pid, name, reason }) => [pid, name, reason])

const noUsers = noCompiler || notRoot

// Politely; and at once, for which all are stopped who may be.
for (const [grace, how] of [
  [60_000, 'politely'],
  [0, 'at once'],
] as const) {
  testUnless(
    noUsers,
    `another user's members are named, nobody waits for them, and the rest ends: ${how}`,
    async (t) => {
      const { root, pids, pid } = await tree(t, 'root(n:one(n:two) three(n:four) s:five(sn:six))')
      const termination = await within(terminatedByNobody(t, root.pid, grace), 'the end')
      const others = ['root', 'three', 'five']
      t.like(termination, { outcome: 'survived', exit: null, ended: 4, proof: 'descendants' })
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

testUnless(noUsers, 'it is EPERM where nobody in the tree may be signalled', async (t) => {
  const { root, pids } = await tree(t, 'root(one s:two)')
  t.like(await terminatedByNobody(t, root.pid), { code: 'EPERM', pid: root.pid })
  t.deepEqual(living(pids), pids)
})

/** A program of root's that gives its rights to whoever runs it. */
function setUidTree(): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  const path = join(folder, 'tree')
  copyFileSync(compiled('tree'), path)
  chmodSync(folder, 0o755)
  chmodSync(path, 0o4755)
  return { path, remove: () => rmSync(folder, { recursive: true }) }
}

/** Why no program gives rights: a mount without set-uid programs, or a process that may gain none. */
function refusedRights(): string | undefined {
  const { path, remove } = setUidTree()
  const { status } = spawnSync(path, ['zr:root'], { uid: NOBODY, stdio: 'ignore' })
  remove()
  return status === 0 ? undefined : 'a set-uid program gives no rights here'
}

testUnless(noUsers ?? refusedRights(), 'of set-uid programs those end that the user may signal', async (t) => {
  const { path, remove } = setUidTree()
  t.teardown(remove)
  const root = start(t, 'sh', ['-c', '"$0" "one(r:two(three) four)" & wait', path], { uid: NOBODY })
  const { pids, pid } = await planted(root)
  const termination = await within(terminatedByNobody(t, root.pid), 'the end')
  // Whoever has begun as that user may be signalled by him, until he has given that up.
  t.like(termination, { outcome: 'survived', ended: 3 })
  t.deepEqual(named(termination), [
    [pid('two'), 'two', 'not-permitted'],
    [pid('three'), 'three', 'not-permitted'],
  ])
  t.deepEqual(living(pids), [pid('two'), pid('three')])
})

/** A shell, and by their names those whom it has started in a PID namespace below, with their pids here. */
async function below(t: ExecutionContext, inside: string): Promise<{ root: Child; pids: Map<string, number> }> {
  const root = start(t, 'sh', ['-c', 'unshare --pid --fork "$0" "$1" & wait', compiled('tree'), inside])
  t.is((await planted(root)).pid('init'), 1)
  return { root, pids: new Map(descendants(root.pid).map(({ name, pid }) => [name!, pid])) }
}

const noNamespaces = noCompiler || noPidNamespace || undefined

testUnless(noNamespaces, 'those in a PID namespace below are ended, too', async (t) => {
  const { root, pids } = await below(t, 'init(one x:over(orphan(two)) s:three(x:over(g:four)))')
  t.deepEqual([...pids.keys()].sort(), ['four', 'init', 'one', 'orphan', 'three', 'two', 'unshare'])
  // From the first process there the kernel keeps what it does not handle, but for SIGKILL.
  const termination = await open(t, root.pid).terminate({ grace: 200, timeout: 60_000 })
  t.like(termination, { outcome: 'killed', ended: 8, survivors: [] })
  t.deepEqual(living([...pids.values()]), [])
})

testUnless(
  noNamespaces,
  'so is a tree in it, with those that were given to its first process, and nobody else',
  async (t) => {
    const { pids } = await below(t, 'init(s:leader(x:over(orphan(one)) two) three x:over(four))')
    t.is(stat(pids.get('orphan')!)!.ppid, pids.get('init')!)
    const termination = await open(t, pids.get('leader')!).terminate({ grace: 60_000, timeout: 60_000 })
    t.like(termination, { outcome: 'exited', ended: 4, survivors: [], proof: 'session' })
    t.deepEqual(
      ['leader', 'orphan', 'one', 'two', 'three', 'four', 'init', 'unshare'].filter((name) => !isOver(pids.get(name)!)),
      ['three', 'four', 'init', 'unshare'],
    )
  },
)

/** A tree with one that waits in the kernel, and with others in groups and sessions of their own. */
async function withUninterruptible(
  t: ExecutionContext,
): Promise<{ root: Child; pid: number; release(): Promise<void> }> {
  const child = 'sh -c \'echo $$; echo $$ >"$0"; sleep 60\' "$path"'
  const root = shell(t, `read path; ${child} & setsid sleep 60 & wait`)
  const { path, release } = await uninterruptibleFile(t)
  root.stdin.write(`${path}\n`)
  const pid = await number(root)
  await until(() => state(pid) === 'D', 'the process to be kept')
  return { root, pid, release }
}

for (const call of ['terminate', 'terminateSync'] as const) {
  for (const grace of [100, 0]) {
    testUnless(
      noUninterruptible,
      `who waits in the kernel is named, and over when that is: ${call}, a grace of ${grace}`,
      async (t) => {
        const { root, pid, release } = await withUninterruptible(t)
        const termination = await held(t, KillTarget.fromChild(root), root.pid)[call]({ grace, timeout: 2000 })
        t.like(termination, { outcome: 'survived', exit: endedBy(grace === 0 ? 'SIGKILL' : 'SIGTERM'), ended: 2 })
        t.deepEqual(named(termination), [[pid, 'sh', 'uninterruptible']])
        t.is(state(pid), 'D')
        await release()
        await until(() => isOver(pid), 'the end of the process that was kept')
      },
    )
  }
}

testUnless(
  noUninterruptible,
  'who waits in the kernel is told not to have stopped, stops when that is over, and goes on with the tree',
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
    await until(() => state(pid) === 'S', 'the process to go on')
  },
)

for (const [options, outcome] of [
  [{ grace: 60_000, timeout: 60_000 }, 'exited'],
  [{ grace: 0, timeout: 60_000 }, 'killed'],
] as const) {
  testUnless(noCompiler, `who waits for a child of vfork is ${outcome}, as it is`, async (t) => {
    const root = start(t, 'sh', ['-c', '"$0" & wait', compiled('vfork')])
    const { pids, pid } = await planted(root)
    await until(() => state(pid('parent')) === 'D')
    t.like(await within(open(t, root.pid).terminate(options), 'the end'), { outcome, ended: 3, survivors: [] })
    t.deepEqual(living(pids), [])
  })
}

for (const how of ['running', 'stopped']) {
  testUnless(
    noCompiler,
    `a process that is traced ends, and the tracer with it, which is in the tree: ${how}`,
    async (t) => {
      for (const grace of [100, 0]) {
        const root = start(t, 'sh', ['-c', '"$0" "$1" & wait', compiled('tracer'), how])
        const { pids } = await planted(root)
        t.like(await open(t, root.pid).terminate({ grace, timeout: 60_000 }), { ended: 3, survivors: [] })
        t.deepEqual(living(pids), [])
      }
    },
  )

  testUnless(noCompiler, `a process that is traced from outside ends, and the tracer does not: ${how}`, async (t) => {
    for (const grace of [100, 0]) {
      const { root, pids, pid } = await tree(t, 'root(one(two))')
      const tracer = await planted(start(t, compiled('tracer'), [how, String(pid('one'))]))
      // The polite signal is kept by the tracer.
      t.like(await open(t, root.pid).terminate({ grace, timeout: 60_000 }), {
        outcome: 'killed',
        ended: 3,
        survivors: [],
      })
      t.deepEqual(living(pids), [])
      t.false(isOver(tracer.pid('tracer')))
    }
  })
}

const KTHREADD = 2

/** A thread of the kernel that is there for ever and takes no signal. */
function kernelThread(): number | undefined {
  return descendants(KTHREADD).find(({ pid, name }) => name === 'ksoftirqd/0' && ignoresAll(pid))?.pid
}

/** By what the kernel says of it: that nothing is sent to whom it could do something is made sure of, too. */
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

testUnless(noKernelThreads, 'threads of the kernel descend from the one that starts them', (t) => {
  const found = descendants(KTHREADD)
  t.true(found.length > 0)
  for (const { ppid, pgid, sid } of found) t.deepEqual([ppid, pgid, sid], [KTHREADD, 0, 0])
})

testUnless(noKernelThreads, 'a thread of the kernel takes no signal, and is told to live on', async (t) => {
  const pid = kernelThread()!
  t.not(pid, undefined)
  for (const scope of ['process', 'tree'] as const) {
    const termination = await terminate(pid, { scope, grace: false, timeout: 50 })
    t.like(termination, { outcome: 'survived', exit: null, ended: 0 })
    t.deepEqual(named(termination), [[pid, 'ksoftirqd/0', 'timeout']])
  }
})
