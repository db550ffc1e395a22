import { spawn as spawnByNode } from 'node:child_process'
import { once } from 'node:events'
import type { ExecutionContext } from 'ava'
import {
  type ContainedChild,
  contained,
  type ContainOptions,
  descendants,
  killOnAbort,
  KillTarget,
  spawn,
  terminate,
  terminateSync,
  waitOrKill,
} from 'killtarget'
import { noGuard } from '../helpers/guard.ts'
import { killNow } from '../helpers/kill-now.ts'
import { hasExited, pids, read, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

// What a command has left behind, once it has exited.

type Left = Pick<ContainedChild, 'pid'> & Parameters<typeof terminate>[0]

let marks = 0

/** Starts a command that leaves a daemon and exits. Each daemon is known by a variable in its environment. */
function leaving(t: ExecutionContext, isolation: 'reaper' | 'pid-namespace', options: ContainOptions, ours: boolean) {
  const mark = `KILLTARGET_TEST_MARK=${process.pid}-${marks++}`
  const [name, value] = mark.split('=') as [string, string]
  const env = { ...process.env, [name]: value }
  const daemons = () =>
    pids().filter((pid) => read(pid, 'environ')?.includes(`${mark}\0`) && read(pid, 'comm') === 'sleep\n')
  t.teardown(() => daemons().forEach(killNow))
  const command = ['sh', ['-c', 'setsid sleep 600 & exit 0']] as const
  const all = { isolation, ...options }
  if (ours) return { child: spawn(...command, { ...all, env, stdio: 'ignore' }) as Left, daemons }
  const { file, args } = contained(...command, all)
  return { child: spawnByNode(file, args, { env, stdio: 'ignore' }) as Left, daemons }
}

const exits = (child: object) => once(child as ReturnType<typeof spawnByNode>, 'exit')

const ways: Record<string, (child: Left) => unknown> = {
  terminate: async (child) => {
    await exits(child)
    return (await terminate(child)).outcome
  },
  terminateSync: async (child) => {
    await exits(child)
    return terminateSync(child).outcome
  },
  descendants: async (child) => {
    await exits(child)
    const found = descendants(child).length
    await terminate(child)
    return found === 1 ? 'exited' : found
  },
  killOnAbort: async (child) => {
    await exits(child)
    const { done } = killOnAbort(child, AbortSignal.abort())
    const [report] = await Promise.all([done, until(() => true)])
    return report?.outcome
  },
  'waitOrKill before the exit': async (child) => {
    return (await waitOrKill(child, { leftovers: 'terminate' })).termination?.outcome
  },
  'waitOrKill after the exit': async (child) => {
    await exits(child)
    return (await waitOrKill(child, { leftovers: 'terminate' })).termination?.outcome
  },
  'await using': async (child) => {
    await exits(child)
    await (child as ContainedChild)[Symbol.asyncDispose]()
    return 'exited'
  },
}

for (const isolation of ['reaper', 'pid-namespace'] as const) {
  for (const [way, end] of Object.entries(ways)) {
    testUnless(noGuard, `${way} ends what a child of spawn has left, by its object: ${isolation}`, async (t) => {
      const { child, daemons } = leaving(t, isolation, { leftovers: 'keep' }, true)
      t.is(await end(child), 'exited')
      await until(() => daemons().length === 0)
    })
  }
}

testUnless(noGuard, 'the target of a child of spawn that was opened by the object ends what it has left', async (t) => {
  const { child, daemons } = leaving(t, 'reaper', { leftovers: 'keep' }, true)
  await exits(child)
  const target = KillTarget.fromChild(child as object & Left)!
  t.like(await target.terminate(), { outcome: 'exited', proof: 'reaper', ended: 1 })
  t.deepEqual(daemons(), [])
})

testUnless(noGuard, 'a report rules nothing out once a guard has left others alone', async (t) => {
  for (const ours of [true, false]) {
    const { child, daemons } = leaving(t, 'reaper', { leftovers: 'leave' }, ours)
    const target = KillTarget.fromChild(child as object & Left)!
    await exits(child)
    await until(() => daemons().length === 1)
    const { outcome, proof } = await target.terminate()
    t.is(outcome, 'gone')
    t.is(proof, 'descendants')
    t.false(hasExited(daemons()[0]!))
  }
})
