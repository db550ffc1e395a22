import { readdirSync } from 'node:fs'
import test from 'ava'
import { descendants, KillError, KillTarget, type ProcessInfo, terminate } from 'killtarget'
import type { Found } from '../fixtures/proc-descendants.ts'
import type { Left } from '../fixtures/reaped-root.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { truth } from '../helpers/kernel.ts'
import { listed } from '../helpers/listed.ts'
import { inNamespace, inSession, noPidNamespace } from '../helpers/namespace.ts'
import { procMounts } from '../helpers/proc-mounts.ts'
import { ended, line, NO_PID, number, shell, sleeper, start, stat, state, until } from '../helpers/processes.ts'
import { proves } from '../helpers/proof.ts'
import { held, open } from '../helpers/target.ts'
import { tree } from '../helpers/tree.ts'
import { testUnless } from '../helpers/test-unless.ts'

const pids = (found: readonly ProcessInfo[]) => found.map(({ pid }) => pid)
const sorted = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other)

/** Returns whether each process stands after its parent. */
const parentsFirst = (found: readonly ProcessInfo[]) =>
  found.every(({ ppid }, place) => !pids(found).slice(place).includes(ppid!))

/** The other tests start and end processes all the time: it may have to be asked again. */
function descendantsOfInit(tries = 20): ProcessInfo[] {
  try {
    return descendants(1)
  } catch (error) {
    if (tries === 0 || (error as KillError).code !== 'ERR_TIMEOUT') throw error
    return descendantsOfInit(tries - 1)
  }
}

testUnless(noCompiler, 'descendants lists all processes below the root, parents first, without the root', async (t) => {
  const { root, pids: all, pid } = await tree(t, 'root(one(two(three)) 3*four(five))')
  const found = descendants(root.pid)
  t.deepEqual(sorted(pids(found)), sorted(all.slice(1)))
  t.true(parentsFirst(found))
  t.deepEqual(pids(descendants(pid('one'))), [pid('two'), pid('three')])
  t.deepEqual(descendants(pid('three')), [])
})

testUnless(noCompiler, 'descendants returns the facts of each process', async (t) => {
  const { root, pid } = await tree(t, 'root(g:one(s:two))')
  const now = Date.now()
  const facts = descendants(root.pid).map(({ startTime, token, ...rest }) => {
    // Where there is only a start time, the token of a process that has just started is not known yet.
    if (token !== null) t.is(KillTarget.fromToken(token).pid, rest.pid)
    t.true(Math.abs(startTime! - now) < 60_000, `${startTime}`)
    return rest
  })
  const [one, two] = [pid('one'), pid('two')]
  const [command, user] = [root.spawnargs, process.getuid!()]
  t.deepEqual(facts, [
    { pid: one, ppid: root.pid, pgid: one, sid: stat(process.pid)!.sid, name: 'one', command, user, state: 'S' },
    { pid: two, ppid: one, pgid: two, sid: two, name: 'two', command, user, state: 'S' },
  ])
})

testUnless(noCompiler, 'descendants accepts a target, a pid or a child object', async (t) => {
  const { root, pid } = await tree(t, 'root(one)')
  const target = held(t, KillTarget.fromChild(root), root.pid)
  for (const each of [root, root.pid, target]) t.deepEqual(pids(descendants(each)), [pid('one')])
  t.true(target.isAlive(), 'the target stays open')
})

testUnless(noCompiler, 'descendants lists the children of all threads', async (t) => {
  const { root, pids: all } = await tree(t, 'root(t:one(two t:three(four)))')
  t.deepEqual(sorted(pids(descendants(root.pid))), sorted(all.slice(1)))
})

testUnless(noCompiler, 'descendants lists all of 1,000 children', async (t) => {
  const { root, pids: all, pid } = await tree(t, 'root(one(1000*two))')
  let found: ProcessInfo[] = []
  await until(() => (found = listed(root.pid)).length > 0)
  t.deepEqual(sorted(pids(found)), sorted(all.slice(1)))
  await until(() => (found = listed(pid('one'))).length > 0)
  t.is(found.length, 1000)
})

testUnless(
  noCompiler,
  'descendants omits exited processes and lists their orphans in the session of the root',
  async (t) => {
    const { root, pid } = await tree(t, 'root(z:zombie x:over(orphan(one) g:other))', { detached: true })
    t.is(state(pid('zombie')), 'Z')
    const found = descendants(root.pid)
    t.deepEqual(sorted(pids(found)), sorted([pid('orphan'), pid('one'), pid('other')]))
    t.true(parentsFirst(found))
  },
)

testUnless(noCompiler, "descendants lists orphans in the root's process group, but none that left it", async (t) => {
  const { root, pid } = await tree(t, 'g:root(x:over(orphan(one) g:other))')
  t.deepEqual(pids(descendants(root.pid)), [pid('orphan'), pid('one')])
  t.not(state(pid('other')), undefined)
})

testUnless(noCompiler, 'descendants lists orphans in the session of a member', async (t) => {
  const { root, pid } = await tree(t, 'root(s:leader(x:over(g:orphan(one))))')
  t.deepEqual(pids(descendants(root.pid)), [pid('leader'), pid('orphan'), pid('one')])
})

testUnless(noCompiler, 'descendants lists orphans of a subreaper, outside of the tree or in it', async (t) => {
  const { root, pid } = await tree(t, 'c:subreaper(s:leader(x:over(orphan(one))) two(c:inner(x:over(other))))')
  t.is(stat(pid('orphan'))!.ppid, root.pid)
  t.is(stat(pid('other'))!.ppid, pid('inner'))
  t.deepEqual(pids(descendants(pid('leader'))), [pid('orphan'), pid('one')])
  t.deepEqual(pids(descendants(pid('two'))), [pid('inner'), pid('other')])
})

testUnless(noCompiler, 'descendants omits the orphans of a root that leads no group or session', async (t) => {
  const { root, pid } = await tree(t, 'root(x:over(orphan) one)')
  t.deepEqual(pids(descendants(root.pid)), [pid('one')])
  t.not(state(pid('orphan')), undefined)
})

for (const [leads, flags] of [
  ['session', 'zs'],
  ['group', 'zg'],
] as const) {
  testUnless(noCompiler, `descendants lists the ${leads} of a zombie root`, async (t) => {
    const { pid } = await tree(t, `parent(${flags}:root(one(two)))`)
    await until(() => state(pid('root')) === 'Z')
    t.deepEqual(pids(descendants(pid('root'))), [pid('one'), pid('two')])
  })
}

for (const [leads, description] of [
  ['session', 's:root(one(two) g:three)'],
  ['group', 'g:root(one(two) three)'],
] as const) {
  testUnless(noCompiler, `descendants lists the ${leads} of a reaped root, by a target from before`, async (t) => {
    const { root, pid } = await tree(t, description)
    const target = open(t, root.pid)
    root.kill('SIGKILL')
    await ended(root)
    t.deepEqual(sorted(pids(descendants(target))), sorted([pid('one'), pid('two'), pid('three')]))
  })
}

// A container has such a session.
testUnless(
  noCompiler ?? noPidNamespace ?? undefined,
  'descendants lists the orphans of a reaped root, even if pid 1 shares the session of all processes',
  async (t) => {
    const { report, ...names } = await inNamespace<Left>('reaped-root.ts', {
      unshare: inSession,
    })
    const left = ['one', 'three', 'two']
    t.deepEqual(names, { ofChild: left, ofPid: left, ofGrandchild: left, ofPipeline: ['one'] })
    t.like(report, { outcome: 'exited', ended: 3, survivors: [], proof: 'group' })
  },
)

testUnless(
  noCompiler,
  'descendants omits a process that was put into the group of the root from outside',
  async (t) => {
    const { pid } = await tree(t, 'shell(g:leader(one) j:sibling(two))')
    t.is(stat(pid('sibling'))!.pgid, pid('leader'))
    t.deepEqual(pids(descendants(pid('leader'))), [pid('one')])
  },
)

test('descendants omits the rest of a pipeline', async (t) => {
  const child = shell(t, 'sleep 600 & sleep 600 & echo ready; wait')
  await line(child)
  const [first, second] = pids(descendants(child.pid))
  t.not(second, undefined)
  t.deepEqual(descendants(first!), [])
})

test('descendants with a scope lists what a termination would find, and is refused as that is', async (t) => {
  const shells = start(t, 'bash', ['-c', 'set -m; sleep 600 | sleep 600 & jobs -p; echo $!; read _'])
  const [first, second] = [await number(shells), await number(shells)]
  t.deepEqual(descendants(first), [])
  for (const scope of ['tree', 'group'] as const) {
    t.deepEqual(sorted(pids(descendants(first, { scope, self: true }))), [first, second])
    t.deepEqual(pids(descendants(first, { scope })), [second])
  }
  t.deepEqual(pids(descendants(first, { scope: 'process', self: true })), [first])
  t.deepEqual(descendants(first, { scope: 'process' }), [])
  t.throws(() => descendants(second, { scope: 'group' }), { code: 'ERR_NOT_GROUP_LEADER' })
  t.throws(() => descendants(process.ppid, { scope: 'tree' }), { code: 'ERR_PROTECTED_TARGET' })
  t.throws(() => descendants(first, { scope: 'session' as never }), { code: 'ERR_INVALID_ARG_VALUE' })
  // A leader that is over has left its group.
  process.kill(first, 'SIGKILL')
  await until(() => pids(descendants(first, { scope: 'tree', self: true })).length === 1)
  t.deepEqual(pids(descendants(first, { scope: 'tree' })), [second])
})

test('descendants returns nothing for a process that is gone or never started', async (t) => {
  const child = sleeper(t)
  const target = open(t, child.pid)
  child.kill('SIGKILL')
  await ended(child)
  t.deepEqual(descendants(target), [])
  t.deepEqual(descendants(child.pid), [])
  t.deepEqual(descendants(child), [])
  t.deepEqual(descendants({ pid: undefined }), [])
  t.deepEqual(descendants(NO_PID), [])
})

test('descendants lists the children of this process, and pid 1 has this process below it', (t) => {
  const child = sleeper(t)
  t.true(pids(descendants(process.pid)).includes(child.pid))
  const belowInit = pids(descendantsOfInit())
  for (const pid of [process.pid, child.pid]) t.true(belowInit.includes(pid))
})

test('descendants refuses a value that is no process', (t) => {
  for (const wrong of ['12', null, undefined, true, 12n, Symbol('twelve')]) {
    t.throws(() => descendants(wrong as never), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' })
  }
  for (const wrong of [0, -1, -process.pid, NaN, 1.5, 2 ** 31, Infinity]) {
    t.throws(() => descendants(wrong), { instanceOf: RangeError, code: 'ERR_OUT_OF_RANGE' })
  }
  const thread = readdirSync('/proc/self/task')
    .map(Number)
    .find((id) => id !== process.pid)!
  t.throws(() => descendants(thread), { instanceOf: KillError, code: 'ERR_NOT_A_PROCESS' })
  const closed = KillTarget.fromPid(process.pid)
  closed.close()
  t.throws(() => descendants(closed), { instanceOf: KillError, code: 'ERR_TARGET_CLOSED' })
})

for (const [place, options] of Object.entries(procMounts)) {
  const what = place === 'hidden' ? 'lists the processes of the same user' : 'throws'
  testUnless(noPidNamespace ?? undefined, `descendants ${what} if /proc is ${place}`, async (t) => {
    const found = await inNamespace<Found>('proc-descendants.ts', options)
    if (place === 'hidden') t.deepEqual(found, { ofChild: 2, ofPid: 2 })
    else if (truth.capabilities.pidfd) t.deepEqual(found, { ofChild: 'ENOSYS', ofPid: 'ENOSYS' })
    // No process can be verified there.
    else t.deepEqual(found, { ofChild: 'ERR_IDENTITY_UNAVAILABLE', ofPid: 'ERR_IDENTITY_UNAVAILABLE' })
  })
}

// Then the parent of each process is read, and not the children of each thread.
testUnless(
  noCompiler,
  'descendants finds the child of a process that has more threads than there are processes',
  async (t) => {
    const threads = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length + 500
    await proves(t, 'descendants', async () => {
      const root = start(t, compiled('many-threads'), [String(threads)])
      const child = await number(root)
      t.deepEqual(
        descendants(root).map(({ pid }) => pid),
        [child],
      )
      const report = await terminate(root, { grace: 0, killTimeout: 60_000 })
      t.like(report, { outcome: 'killed', ended: 2, survivors: [] })
      return report
    })
  },
)
