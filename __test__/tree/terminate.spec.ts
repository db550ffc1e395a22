import test from 'ava'
import { KillTarget, terminate, type TerminateOptions, type Termination } from 'killtarget'
import { noCompiler } from '../helpers/compile.ts'
import { truth } from '../helpers/kernel.ts'
import { latecomerIsSpared } from '../helpers/latecomer.ts'
import { ended, hasExited, line, number, start, stat, state, until } from '../helpers/processes.ts'
import { proves } from '../helpers/proof.ts'
import { endedBy } from '../helpers/status.ts'
import { held, open } from '../helpers/target.ts'
import { living, tree } from '../helpers/tree.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** Asynchronous and synchronous: during the second call Node cannot reap the root. */
const CALLS = ['terminate', 'terminateSync'] as const

/** Long enough for a busy machine. */
const PATIENT = { grace: 60_000, killTimeout: 60_000 } as const

type Ends = Omit<Termination, 'elapsed'> & { left: number[] }

/** Terminates a tree. Resolves to the report, with those of the pids that are alive. */
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
  testUnless(noCompiler, `${call} ends all descendants by default, and no other process`, async (t) => {
    const { root, pids } = await tree(t, 'root(one(two(three)) g:four s:five(six) t:seven(eight))')
    const sibling = await tree(t, 'root(one)')
    t.deepEqual(await ends(held(t, KillTarget.fromChild(root), root.pid), call, pids), {
      outcome: 'exited',
      status: endedBy('SIGTERM'),
      ended: 9,
      survivors: [],
      raceFree: truth.raceFree,
      proof: 'descendants',
      left: [],
    })
    t.deepEqual(living(sibling.pids), sibling.pids)
  })

  for (const [title, description, options, expected] of [
    [
      'ends the orphans in the session of a detached root',
      'root(x:over(one(two) g:three) s:four(x:over(g:five)))',
      { detached: true },
      { ended: 6, proof: 'session', left: [] },
    ],
    [
      // An orphan that left the group is not covered by the proof.
      'ends the orphans in the group of a root that leads a group only',
      'g:root(one x:over(two g:left))',
      {},
      { ended: 3, proof: 'group', left: ['left'] },
    ],
    [
      'leaves the orphans of a root that leads nothing alive',
      'root(one x:over(left(left)))',
      {},
      { ended: 2, proof: 'descendants', left: ['left', 'left'] },
    ],
    [
      'does not wait for zombies to be reaped',
      'root(z:one two(z:three 3*four))',
      {},
      { ended: 5, proof: 'descendants', left: [] },
    ],
  ] as const) {
    testUnless(noCompiler, `${call} ${title}`, async (t) => {
      const { root, pids, named } = await tree(t, description, options)
      const { left, ...rest } = expected
      const report = await ends(open(t, root.pid), call, pids)
      t.like(report, { outcome: 'exited', survivors: [], ...rest })
      t.deepEqual(report.left, named(left[0] ?? 'none'))
    })
  }

  testUnless(noCompiler, `${call} ends the orphans of a subreaper`, async (t) => {
    const { pids, pid } = await tree(t, 'c:subreaper(s:root(x:over(one(two)) c:three(x:over(g:four))))')
    t.is(stat(pid('one'))!.ppid, pid('subreaper'))
    const left = [pid('subreaper')]
    const report = await ends(open(t, pid('root')), call, pids)
    t.like(report, { outcome: 'exited', ended: 5, survivors: [], proof: 'session', left })
  })

  testUnless(noCompiler, `${call} gives the grace period to all processes, and kills the rest`, async (t) => {
    const { root, pids } = await tree(t, 'root(one(i:two) g:three(ig:four) s:five(is:six))')
    const begin = performance.now()
    const report = await ends(open(t, root.pid), call, pids, { grace: 300 })
    t.like(report, { outcome: 'killed', ended: 7, survivors: [], left: [] })
    t.true(performance.now() - begin >= 300)
  })

  testUnless(noCompiler, `${call} kills all processes if the grace is 0`, async (t) => {
    const { root, pids } = await tree(t, 'i:root(ig:one(i:two) is:three(i:four) 20*i:five)')
    const report = await ends(held(t, KillTarget.fromChild(root), root.pid), call, pids, { grace: 0 })
    t.like(report, { outcome: 'killed', status: endedBy('SIGKILL'), ended: 25, survivors: [], left: [] })
  })

  for (const [leads, flag] of [
    ['session', 's'],
    ['group', 'g'],
  ] as const) {
    testUnless(noCompiler, `${call} ends the ${leads} of a zombie root`, async (t) => {
      await proves(t, leads, async () => {
        const { pid } = await tree(t, `parent(z${flag}:root(one(two) i:three))`)
        const members = ['one', 'two', 'three'].map(pid)
        await until(() => hasExited(pid('root')))
        const report = await ends(open(t, pid('root')), call, members, { grace: 300 })
        t.like(report, { outcome: 'killed', ended: 3, survivors: [], left: [] })
        t.false(hasExited(pid('parent')))
        return report
      })
    })

    testUnless(noCompiler, `${call} ends the ${leads} of a reaped root`, async (t) => {
      const { root, pids } = await tree(t, `${flag}:root(one(two) three)`)
      const target = held(t, KillTarget.fromChild(root), root.pid)
      root.kill('SIGKILL')
      await ended(root)
      const report = await ends(target, call, pids)
      t.like(report, { outcome: 'exited', ended: 3, survivors: [], proof: leads, left: [] })
      t.is((await target[call]()).outcome, 'gone')
    })
  }

  testUnless(noCompiler, `${call} ends a stopped tree`, async (t) => {
    const { root, pids } = await tree(t, 'root(one(two) g:three(four))')
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await until(() => pids.every((pid) => state(pid) === 'T'))
    t.like(await ends(open(t, root.pid), call, pids), { outcome: 'exited', ended: 5, left: [] })
  })
}

// Each job is in a group of its own, so the group of the shell is empty once the shell is reaped.
for (const call of ['terminate', 'terminateSync'] as const) {
  test(`${call} ends the jobs of a shell that was reaped`, async (t) => {
    const jobs = 'set -m; sleep 600 & echo $!; sh -c "sleep 600 & echo \\$!; wait" & echo $!; sleep 600 & echo $!'
    const leader = start(t, 'bash', ['-c', jobs], { detached: true })
    const target = held(t, KillTarget.fromChild(leader), leader.pid)
    const pids = [await number(leader), await number(leader), await number(leader), await number(leader)]
    await ended(leader)
    const report = await target[call]()
    t.like(report, { outcome: 'exited', ended: 4, survivors: [], proof: 'session' })
    t.true(pids.every(hasExited))
  })
}

test('a latecomer that a tree starts after the polite signal is not sent it', latecomerIsSpared, {})

testUnless(noCompiler, 'a process that leaves the tree during the grace period stays in scope', async (t) => {
  const { root, pids, pid } = await tree(t, 'root(one(is:two))')
  const target = open(t, root.pid)
  const termination = target.terminate({ grace: 200, killTimeout: 60_000 })
  // The parent exits at SIGTERM. The process is in its own session.
  await until(() => hasExited(pid('one')))
  t.is((await termination).outcome, 'killed')
  t.deepEqual(living(pids), [])
})

testUnless(noCompiler, 'terminate without SIGKILL names the processes that ignore SIGTERM as survivors', async (t) => {
  const { root, pids, pid } = await tree(t, 'root(ig:one(i:two) three)')
  const { outcome, ended: count, survivors } = await terminate(root, { grace: false, killTimeout: 2000 })
  t.deepEqual([outcome, count], ['survived', 2])
  const named = survivors.map((survivor) => [survivor.pid, survivor.name, survivor.reason])
  t.deepEqual(named, [
    [pid('one'), 'one', 'timeout'],
    [pid('two'), 'two', 'timeout'],
  ])
  t.deepEqual(living(pids), [pid('one'), pid('two')])
})

testUnless(noCompiler, 'a step to the root signals the root only, and SIGKILL goes to all', async (t) => {
  const { root, pids } = await tree(t, 'w:root(w:one(w:two))')
  const { outcome } = await terminate(root, {
    steps: [{ signal: 'SIGTERM', grace: 1000, to: 'root' }],
    killTimeout: 60_000,
  })
  t.is(outcome, 'killed')
  t.deepEqual(living(pids), [])
  t.is(await line(root), `asked ${root.pid}`)
  await t.throwsAsync(line(root), { message: /wrote no more lines/ })
})

testUnless(noCompiler, "terminate with the scope 'process' or 'group' leaves the rest of the tree alive", async (t) => {
  const { root, pids, pid } = await tree(t, 'g:root(one g:two)')
  t.like(await terminate(pid('one'), { scope: 'process', ...PATIENT }), {
    outcome: 'exited',
    ended: 1,
    proof: 'process',
  })
  t.like(await terminate(root, { scope: 'group', ...PATIENT }), { outcome: 'exited', ended: 1, proof: 'group' })
  t.deepEqual(living(pids), [pid('two')])
})

testUnless(
  noCompiler,
  'terminate leaves children of other group members alive that left the group of the root',
  async (t) => {
    const { pid } = await tree(t, 'root(g:first j:second(s:third g:fourth))')
    t.is((await terminate(pid('first'))).outcome, 'exited')
    t.deepEqual(living([pid('second')]), [])
    const [third, fourth] = [pid('third'), pid('fourth')]
    t.deepEqual(living([third, fourth]), [third, fourth])
  },
)

testUnless(noCompiler, 'terminate ends the orphans in the session of a zombie member', async (t) => {
  const { root, pids } = await tree(t, 'root(sz:leader(left))', { detached: true })
  const { outcome, survivors, proof } = await terminate(root)
  t.deepEqual([outcome, survivors, proof], ['exited', [], 'session'])
  await until(() => living(pids).length === 0)
})

testUnless(noCompiler, 'terminate ends a process that was put into the group of the root from outside', async (t) => {
  const { pids, pid } = await tree(t, 'shell(g:leader(one) j:sibling)')
  t.like(await terminate(pid('leader'), PATIENT), { outcome: 'exited', survivors: [], proof: 'group' })
  t.true(hasExited(pid('sibling')))
  t.deepEqual(living(pids), [pid('shell')])
})

testUnless(noCompiler, 'suspend stops the whole tree and no other process, and resume continues it', async (t) => {
  const { root, pids } = await tree(t, 'root(one(two) g:three s:four(five) x:over(six))', { detached: true })
  const sibling = await tree(t, 'root(one)')
  const members = living(pids)
  const target = open(t, root.pid)
  t.deepEqual(await target.suspend({ scope: 'tree' }), [])
  t.deepEqual(
    members.map(state),
    members.map(() => 'T'),
  )
  t.deepEqual(sibling.pids.map(state), ['S', 'S'])
  t.deepEqual(await target.resume({ scope: 'tree' }), [])
  await until(() => members.every((pid) => state(pid) === 'S'))
  t.deepEqual(await target.suspend({ scope: 'tree' }), [])
  t.is((await target.terminate(PATIENT)).outcome, 'exited')
  t.deepEqual(living(pids), [])
})
