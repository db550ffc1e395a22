import test from 'ava'
import { KillTarget, terminate, type TerminateOptions, type Termination } from 'killtarget'
import { noCompiler } from '../helpers/compile.ts'
import { truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { latecomerIsSignalled } from '../helpers/latecomer.ts'
import { ended, line, stat, state, until } from '../helpers/processes.ts'
import { endedBy } from '../helpers/status.ts'
import { held, open } from '../helpers/target.ts'
import { isOver, living, tree } from '../helpers/tree.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** Asynchronously and synchronously: with Node that reaps the root meanwhile, and without. */
const CALLS = ['terminate', 'terminateSync'] as const

/** Enough for a machine that is busy with everything else. */
const PATIENT = { grace: 60_000, timeout: 60_000 } as const

type Ends = Omit<Termination, 'elapsed'> & { left: number[] }

/** What is told of the end of a tree, and who of these is left. */
async function ends(
  target: KillTarget,
  call: (typeof CALLS)[number],
  pids: readonly number[],
  options?: TerminateOptions,
): Promise<Ends> {
  const { elapsed: _, ...report } = await target[call]({ ...PATIENT, ...options })
  return { ...report, left: living(pids) }
}

for (const call of CALLS) {
  testUnless(noCompiler, `all descendants end by default, and nobody else: ${call}`, async (t) => {
    const { root, pids } = await tree(t, 'root(one(two(three)) g:four s:five(six) t:seven(eight))')
    const sister = await tree(t, 'root(one)')
    t.deepEqual(await ends(held(t, KillTarget.fromChild(root), root.pid), call, pids), {
      outcome: 'exited',
      exit: endedBy('SIGTERM'),
      ended: 9,
      survivors: [],
      raceFree: truth.raceFree,
      proof: 'descendants',
      left: [],
    })
    t.deepEqual(living(sister.pids), sister.pids)
  })

  for (const [title, description, options, expected] of [
    [
      'those that were left in the session of a detached root end',
      'root(x:over(one(two) g:three) s:four(x:over(g:five)))',
      { detached: true },
      { ended: 6, proof: 'session', left: [] },
    ],
    [
      // Whoever was left and has gone from the group is beyond what the proof speaks of.
      'those that were left in the group of a root that leads no more end',
      'g:root(one x:over(two g:left))',
      {},
      { ended: 3, proof: 'group', left: ['left'] },
    ],
    [
      'those that were left by a root that leads nothing live',
      'root(one x:over(left(left)))',
      {},
      { ended: 2, proof: 'descendants', left: ['left', 'left'] },
    ],
    [
      'who is over and was not reaped is not waited for',
      'root(z:one two(z:three 3*four))',
      {},
      { ended: 5, proof: 'descendants', left: [] },
    ],
  ] as const) {
    testUnless(noCompiler, `${title}: ${call}`, async (t) => {
      const { root, pids, named } = await tree(t, description, options)
      const { left, ...rest } = expected
      const report = await ends(open(t, root.pid), call, pids)
      t.like(report, { outcome: 'exited', survivors: [], ...rest })
      t.deepEqual(report.left, named(left[0] ?? 'nobody'))
    })
  }

  testUnless(noCompiler, `those that were given to another than pid 1 end: ${call}`, async (t) => {
    const { pids, pid } = await tree(t, 'c:reaper(s:root(x:over(one(two)) c:three(x:over(g:four))))')
    t.is(stat(pid('one'))!.ppid, pid('reaper'))
    const left = [pid('reaper')]
    const report = await ends(open(t, pid('root')), call, pids)
    t.like(report, { outcome: 'exited', ended: 5, survivors: [], proof: 'session', left })
  })

  testUnless(noCompiler, `the grace is for everyone, and SIGKILL for who is left: ${call}`, async (t) => {
    const { root, pids } = await tree(t, 'root(one(i:two) g:three(ig:four) s:five(is:six))')
    const start = performance.now()
    const report = await ends(open(t, root.pid), call, pids, { grace: 300 })
    t.like(report, { outcome: 'killed', ended: 7, survivors: [], left: [] })
    t.true(performance.now() - start >= 300)
  })

  testUnless(noCompiler, `with no grace everyone is killed: ${call}`, async (t) => {
    const { root, pids } = await tree(t, 'i:root(ig:one(i:two) is:three(i:four) 20*i:five)')
    const report = await ends(held(t, KillTarget.fromChild(root), root.pid), call, pids, { grace: 0 })
    t.like(report, { outcome: 'killed', exit: endedBy('SIGKILL'), ended: 25, survivors: [], left: [] })
  })

  for (const [leads, flag] of [
    ['session', 's'],
    ['group', 'g'],
  ] as const) {
    testUnless(noCompiler, `the root is over and not reaped, and those in its ${leads} end: ${call}`, async (t) => {
      const { pid } = await tree(t, `parent(z${flag}:root(one(two) i:three))`)
      const members = ['one', 'two', 'three'].map(pid)
      await until(() => isOver(pid('root')))
      const report = await ends(open(t, pid('root')), call, members, { grace: 300 })
      t.like(report, { outcome: 'killed', ended: 3, survivors: [], proof: leads, left: [] })
      t.false(isOver(pid('parent')))
    })

    testUnless(noCompiler, `the root is over and reaped, and those in its ${leads} end: ${call}`, async (t) => {
      const { root, pids } = await tree(t, `${flag}:root(one(two) three)`)
      const target = held(t, KillTarget.fromChild(root), root.pid)
      root.kill('SIGKILL')
      await ended(root)
      if (truth.capabilities.groupSignal) {
        const report = await ends(target, call, pids)
        t.like(report, { outcome: 'exited', ended: 3, survivors: [], proof: leads, left: [] })
        t.is((await target[call]()).outcome, 'gone')
        return
      }
      // Nobody can say whose session or group that is, which is not to say that nobody is in it.
      const report = await ends(target, call, pids, { grace: 100, timeout: 100 })
      t.like(report, { outcome: 'survived', ended: 0, proof: 'best-effort', left: pids.slice(1) })
      t.deepEqual(
        report.survivors.map(({ pid, reason }) => `${pid} ${reason}`).sort(),
        report.left.map((pid) => `${pid} unverified`).sort(),
      )
    })
  }

  testUnless(noCompiler, `who is stopped ends, too: ${call}`, async (t) => {
    const { root, pids } = await tree(t, 'root(one(two) g:three(four))')
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await until(() => pids.every((pid) => state(pid) === 'T'))
    t.like(await ends(open(t, root.pid), call, pids), { outcome: 'exited', ended: 5, left: [] })
  })
}

// Before 6.9 nobody can say that he was in the tree, but that he is over can be seen.
testUnless(noCompiler ?? noPidNamespace ?? undefined, 'who ends by himself is not named as a survivor', async (t) => {
  const report = await inNamespace<Termination>('unverified-end.ts')
  t.deepEqual(report.survivors, [])
  t.not(report.outcome, 'survived')
})

test('who comes into the tree during the grace is sent the polite signal, too', latecomerIsSignalled, {
  timeout: 60_000,
})

testUnless(noCompiler, 'who leaves the tree meanwhile is in scope all the same', async (t) => {
  const { root, pids, pid } = await tree(t, 'root(one(is:two))')
  const target = open(t, root.pid)
  const termination = target.terminate({ grace: 200, timeout: 60_000 })
  // Its parent ends at SIGTERM, and it is in a session of its own.
  await until(() => isOver(pid('one')))
  t.is((await termination).outcome, 'killed')
  t.deepEqual(living(pids), [])
})

testUnless(noCompiler, 'without SIGKILL those who ignore the polite signal survive, and are named', async (t) => {
  const { root, pids, pid } = await tree(t, 'root(ig:one(i:two) three)')
  const { outcome, ended: count, survivors } = await terminate(root, { grace: false, timeout: 2000 })
  t.deepEqual([outcome, count], ['survived', 2])
  const named = survivors.map((survivor) => [survivor.pid, survivor.name, survivor.reason])
  t.deepEqual(named, [
    [pid('one'), 'one', 'timeout'],
    [pid('two'), 'two', 'timeout'],
  ])
  t.deepEqual(living(pids), [pid('one'), pid('two')])
})

testUnless(noCompiler, 'a step to the root is sent to nobody else, and SIGKILL to all', async (t) => {
  const { root, pids } = await tree(t, 'w:root(w:one(w:two))')
  const { outcome } = await terminate(root, {
    steps: [{ signal: 'SIGTERM', grace: 1000, to: 'root' }],
    timeout: 60_000,
  })
  t.is(outcome, 'killed')
  t.deepEqual(living(pids), [])
  t.is(await line(root), `asked ${root.pid}`)
  await t.throwsAsync(line(root), { message: /wrote no more lines/ })
})

testUnless(noCompiler, 'with the scope of the process, or of the group, others of the tree live', async (t) => {
  const { root, pids, pid } = await tree(t, 'g:root(one g:two)')
  t.like(await terminate(pid('one'), { scope: 'process', ...PATIENT }), {
    outcome: 'exited',
    ended: 1,
    proof: 'process',
  })
  t.like(await terminate(root, { scope: 'group', ...PATIENT }), { outcome: 'exited', ended: 1, proof: 'group' })
  t.deepEqual(living(pids), [pid('two')])
})

testUnless(noCompiler, 'what others of the group of the root have started, and put elsewhere, is not', async (t) => {
  const { pid } = await tree(t, 'root(g:first j:second(s:third g:fourth))')
  t.is((await terminate(pid('first'))).outcome, 'exited')
  t.deepEqual(living([pid('second')]), [])
  const [third, fourth] = [pid('third'), pid('fourth')]
  t.deepEqual(living([third, fourth]), [third, fourth])
})

testUnless(noCompiler, 'who was left in the session of a member that is over and not reaped is in scope', async (t) => {
  const { root, pids } = await tree(t, 'root(sz:leader(left))', { detached: true })
  const { outcome, survivors, proof } = await terminate(root)
  t.deepEqual([outcome, survivors, proof], ['exited', [], 'session'])
  await until(() => living(pids).length === 0)
})

testUnless(noCompiler, 'who was put into the group of the root from outside is in scope', async (t) => {
  const { pids, pid } = await tree(t, 'shell(g:leader(one) j:sister)')
  t.like(await terminate(pid('leader'), PATIENT), { outcome: 'exited', survivors: [], proof: 'group' })
  t.true(isOver(pid('sister')))
  t.deepEqual(living(pids), [pid('shell')])
})

testUnless(
  noCompiler,
  'everyone in the tree is stopped when that is said, nobody else, and each goes on',
  async (t) => {
    const { root, pids } = await tree(t, 'root(one(two) g:three s:four(five) x:over(six))', { detached: true })
    const sister = await tree(t, 'root(one)')
    const members = living(pids)
    const target = open(t, root.pid)
    t.deepEqual(await target.suspend({ scope: 'tree' }), [])
    t.deepEqual(
      members.map(state),
      members.map(() => 'T'),
    )
    t.deepEqual(sister.pids.map(state), ['S', 'S'])
    t.deepEqual(await target.resume({ scope: 'tree' }), [])
    await until(() => members.every((pid) => state(pid) === 'S'))
    t.deepEqual(await target.suspend({ scope: 'tree' }), [])
    t.is((await target.terminate(PATIENT)).outcome, 'exited')
    t.deepEqual(living(pids), [])
  },
)
