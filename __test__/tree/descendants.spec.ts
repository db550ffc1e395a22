import { readdirSync } from 'node:fs'
import test from 'ava'
import { descendants, KillError, KillTarget, type ProcessInfo } from 'killtarget'
import type { Found } from '../fixtures/proc-descendants.ts'
import type { Left } from '../fixtures/reaped-root.ts'
import { noCompiler } from '../helpers/compile.ts'
import { truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { procMounts } from '../helpers/proc-mounts.ts'
import { ended, line, NO_PID, shell, sleeper, stat, state, until } from '../helpers/processes.ts'
import { held, open } from '../helpers/target.ts'
import { tree } from '../helpers/tree.ts'
import { testUnless } from '../helpers/test-unless.ts'

const pids = (found: readonly ProcessInfo[]) => found.map(({ pid }) => pid)
const sorted = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other)

/** Whether nobody stands before his parent. */
const parentsFirst = (found: readonly ProcessInfo[]) =>
  found.every(({ ppid }, place) => !pids(found).slice(place).includes(ppid!))

testUnless(
  noCompiler,
  'all who descend from a process are told, parents first, and not the process itself',
  async (t) => {
    const { root, pids: all, pid } = await tree(t, 'root(one(two(three)) 3*four(five))')
    const found = descendants(root.pid)
    t.deepEqual(sorted(pids(found)), sorted(all.slice(1)))
    t.true(parentsFirst(found))
    t.deepEqual(pids(descendants(pid('one'))), [pid('two'), pid('three')])
    t.deepEqual(descendants(pid('three')), [])
  },
)

testUnless(noCompiler, 'of each there is what is known of a process', async (t) => {
  const { root, pid } = await tree(t, 'root(g:one(s:two))')
  const now = Date.now()
  const facts = descendants(root.pid).map(({ startTime, ...rest }) => {
    t.true(Math.abs(startTime! - now) < 60_000, `${startTime}`)
    return rest
  })
  const [one, two] = [pid('one'), pid('two')]
  t.deepEqual(facts, [
    { pid: one, ppid: root.pid, pgid: one, sid: stat(process.pid)!.sid, name: 'one', state: 'S' },
    { pid: two, ppid: one, pgid: two, sid: two, name: 'two', state: 'S' },
  ])
})

testUnless(noCompiler, 'a target, a pid and the object of a child are the same to it', async (t) => {
  const { root, pid } = await tree(t, 'root(one)')
  const target = held(t, KillTarget.fromChild(root), root.pid)
  for (const each of [root, root.pid, target]) t.deepEqual(pids(descendants(each)), [pid('one')])
  t.true(target.isAlive(), 'it stays open')
})

testUnless(noCompiler, 'who was started by another thread than the first is one of them', async (t) => {
  const { root, pids: all } = await tree(t, 'root(t:one(two t:three(four)))')
  t.deepEqual(sorted(pids(descendants(root.pid))), sorted(all.slice(1)))
})

testUnless(noCompiler, 'all of many children are told', async (t) => {
  const { root, pids: all, pid } = await tree(t, 'root(one(1000*two))')
  t.deepEqual(sorted(pids(descendants(root.pid))), sorted(all.slice(1)))
  t.is(descendants(pid('one')).length, 1000)
})

testUnless(noCompiler, 'who is over is not, but whom he has left is, in the session of the root', async (t) => {
  const { root, pid } = await tree(t, 'root(z:zombie x:over(orphan(one) g:other))', { detached: true })
  t.is(state(pid('zombie')), 'Z')
  const found = descendants(root.pid)
  t.deepEqual(sorted(pids(found)), sorted([pid('orphan'), pid('one'), pid('other')]))
  t.true(parentsFirst(found))
})

testUnless(noCompiler, 'so is who was left in the group of the root, and nobody who has left that', async (t) => {
  const { root, pid } = await tree(t, 'g:root(x:over(orphan(one) g:other))')
  t.deepEqual(pids(descendants(root.pid)), [pid('orphan'), pid('one')])
  t.not(state(pid('other')), undefined)
})

testUnless(noCompiler, 'so is who was left in the session of a member', async (t) => {
  const { root, pid } = await tree(t, 'root(s:leader(x:over(g:orphan(one))))')
  t.deepEqual(pids(descendants(root.pid)), [pid('leader'), pid('orphan'), pid('one')])
})

testUnless(noCompiler, 'so is who was given to another than pid 1, outside of the tree or in it', async (t) => {
  const { root, pid } = await tree(t, 'c:reaper(s:leader(x:over(orphan(one))) two(c:reaperess(x:over(other))))')
  t.is(stat(pid('orphan'))!.ppid, root.pid)
  t.is(stat(pid('other'))!.ppid, pid('reaperess'))
  t.deepEqual(pids(descendants(pid('leader'))), [pid('orphan'), pid('one')])
  t.deepEqual(pids(descendants(pid('two'))), [pid('reaperess'), pid('other')])
})

testUnless(noCompiler, 'of a process that leads nothing those who were left are nobody', async (t) => {
  const { root, pid } = await tree(t, 'root(x:over(orphan) one)')
  t.deepEqual(pids(descendants(root.pid)), [pid('one')])
  t.not(state(pid('orphan')), undefined)
})

for (const [leads, flags] of [
  ['session', 'zs'],
  ['group', 'zg'],
] as const) {
  testUnless(
    noCompiler,
    `those in the ${leads} of a process are told when it is over and nobody has reaped it`,
    async (t) => {
      const { pid } = await tree(t, `parent(${flags}:root(one(two)))`)
      await until(() => state(pid('root')) === 'Z')
      t.deepEqual(pids(descendants(pid('root'))), [pid('one'), pid('two')])
    },
  )
}

// Before 6.9 nobody can say whose session or group that is.
if (truth.capabilities.groupSignal) {
  for (const [leads, description] of [
    ['session', 's:root(one(two) g:three)'],
    ['group', 'g:root(one(two) three)'],
  ] as const) {
    testUnless(noCompiler, `and when it was reaped, by a target that was there before: the ${leads}`, async (t) => {
      const { root, pid } = await tree(t, description)
      const target = open(t, root.pid)
      root.kill('SIGKILL')
      await ended(root)
      t.deepEqual(sorted(pids(descendants(target))), sorted([pid('one'), pid('two'), pid('three')]))
    })
  }

  // So it is in a container.
  testUnless(
    noCompiler ?? noPidNamespace ?? undefined,
    'and where pid 1, who was given them, is of the same session as everyone',
    async (t) => {
      const { report, ...told } = await inNamespace<Left>('reaped-root.ts', {
        unshare: ['--pid', '--fork', '--mount-proc', 'setsid'],
      })
      const left = ['one', 'three', 'two']
      t.deepEqual(told, { ofChild: left, ofPid: left, ofGrandchild: left, ofPipeline: ['one'] })
      t.like(report, { outcome: 'exited', ended: 3, survivors: [], proof: 'group' })
    },
  )
}

testUnless(noCompiler, 'who was put into the group of a process from outside is none of its descendants', async (t) => {
  const { pid } = await tree(t, 'shell(g:leader(one) j:sister(two))')
  t.is(stat(pid('sister'))!.pgid, pid('leader'))
  t.deepEqual(pids(descendants(pid('leader'))), [pid('one')])
})

test('neither is the rest of a pipeline', async (t) => {
  const child = shell(t, 'sleep 60 & sleep 60 & echo ready; wait')
  await line(child)
  const [first, second] = pids(descendants(child.pid))
  t.not(second, undefined)
  t.deepEqual(descendants(first!), [])
})

test('one who is gone, and one who never was, has none', async (t) => {
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

test('this process has some, and pid 1 has this process', (t) => {
  const child = sleeper(t)
  t.true(pids(descendants(process.pid)).includes(child.pid))
  const everyone = pids(descendants(1))
  for (const pid of [process.pid, child.pid]) t.true(everyone.includes(pid))
})

test('what is no process is refused', (t) => {
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
  const what = place === 'hidden' ? 'those of the same user are told' : 'it says that it can tell nothing'
  testUnless(noPidNamespace ?? undefined, `where /proc is ${place}, ${what}`, async (t) => {
    const found = await inNamespace<Found>('proc-descendants.ts', options)
    if (place === 'hidden') t.deepEqual(found, { ofChild: 2, ofPid: 2 })
    else if (truth.capabilities.pidfd) t.deepEqual(found, { ofChild: 'ENOSYS', ofPid: 'ENOSYS' })
    // Nothing can be held there.
    else t.deepEqual(found, { ofChild: 'ERR_IDENTITY_UNAVAILABLE', ofPid: 'ERR_IDENTITY_UNAVAILABLE' })
  })
}
