import { spawn as spawnByNode } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { existsSync } from 'node:fs'
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
import { ended, hasExited, line, noteStart, pids, program, read, testEnv, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

// What a command has left behind, once it has exited.

const noProc = existsSync('/proc/self/fd') ? undefined : 'this system has no /proc'

type Left = Pick<ContainedChild, 'pid'> & Parameters<typeof terminate>[0]

/** Starts a command that leaves a daemon and exits. The daemon is known by the environment of the test. */
function leaving(t: ExecutionContext, isolation: 'reaper' | 'pid-namespace', options: ContainOptions, ours: boolean) {
  const env = testEnv(t)
  const mark = Object.values(testEnv(t, {}))[0]!
  const daemons = () => pids().filter((pid) => read(pid, 'environ').includes(mark) && read(pid, 'comm') === 'sleep\n')
  const command = ['sh', ['-c', 'setsid sleep 600 & exit 0']] as const
  const all = { isolation, ...options }
  if (ours) return { child: spawn(...command, { ...all, env, stdio: 'ignore' }) as Left, daemons }
  const { file, args } = contained(...command, all)
  return { child: spawnByNode(file, args, { env, stdio: 'ignore' }) as Left, daemons }
}

const exits = (child: object) => once(child as ReturnType<typeof spawnByNode>, 'exit')

const ENDS: Record<string, (child: Left) => unknown> = {
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
    return (await killOnAbort(child, AbortSignal.abort()).done)?.outcome
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
  for (const [way, end] of Object.entries(ENDS)) {
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

for (const limit of ['signal', 'timeout'] as const) {
  testUnless(noGuard, `${limit} of spawn ends what is kept, after the command has exited`, async (t) => {
    const abort = new AbortController()
    const limits = limit === 'signal' ? { signal: abort.signal } : { timeout: 4000 }
    const options = { leftovers: 'keep', stdio: 'ignore', env: testEnv(t), ...limits } as const
    const child = spawn('sh', ['-c', 'setsid sleep 600 & exit 0'], options)
    child.once('error', (error) => t.fail(`it emits ${error.message}`))
    await exits(child)
    const [daemon, ...others] = descendants(child)
    t.deepEqual(others, [])
    noteStart(daemon!.pid)
    abort.abort()
    await until(() => hasExited(daemon!.pid))
    t.false(child.killed)
  })
}

testUnless(noGuard, 'signal of spawn has no listener any more once nothing of what is kept is left', async (t) => {
  const { signal } = new AbortController()
  const options = { leftovers: 'keep', stdio: 'ignore', env: testEnv(t), signal } as const
  const child = spawn('sh', ['-c', 'setsid sleep 600 & exit 0'], options)
  await exits(child)
  t.is(getEventListeners(signal, 'abort').length, 1)
  t.is((await terminate(child)).outcome, 'exited')
  await until(() => getEventListeners(signal, 'abort').length === 0)
})

testUnless(noGuard, 'a time limit of spawn does not hold the event loop once the command has exited', async (t) => {
  const source = `
    import { spawn } from 'killtarget'
    spawn('sh', ['-c', 'sleep 600 & exit 0'], { leftovers: 'keep', stdio: 'ignore', timeout: 3_600_000 })`
  t.is((await ended(program(t, source))).code, 0)
})

for (const starts of ['spawn', 'contained']) {
  testUnless(noGuard, `a report rules nothing out once a guard has left others alone: ${starts}`, async (t) => {
    const { child, daemons } = leaving(t, 'reaper', { leftovers: 'leave' }, starts === 'spawn')
    const target = KillTarget.fromChild(child as object & Left)!
    await exits(child)
    await until(() => daemons().length === 1)
    t.like(await target.terminate(), { outcome: 'gone', proof: 'descendants' })
    t.false(hasExited(daemons()[0]!))
  })
}

for (const isolation of ['reaper', 'pid-namespace'] as const) {
  testUnless(
    noGuard,
    `a report does not claim that nothing is left once a keeper was killed: ${isolation}`,
    async (t) => {
      const { child, daemons } = leaving(t, isolation, { leftovers: 'keep' }, true)
      await exits(child)
      const [daemon] = descendants(child)
      const { ppid } = KillTarget.fromPid(daemon!.pid).info()!
      noteStart(daemons()[0]!)
      process.kill(ppid!, 'SIGKILL')
      await until(() => (daemons().length === 0) === (isolation === 'pid-namespace'))
      const proof = { reaper: 'best-effort', 'pid-namespace': 'kernel' }[isolation]
      for (const target of [child, KillTarget.fromChild(child as object & Left)].filter((each) => each !== null)) {
        t.like(await terminate(target), { outcome: 'gone', proof })
      }
    },
  )
}

testUnless(noGuard, 'terminate waits for what SIGKILL to a guard has ended, by its object', async (t) => {
  for (let trial = 0; trial < 5; trial++) {
    const many = 'for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 600 & sleep 600 & sleep 600 & wait) & done; wait'
    const child = spawn('sh', ['-c', many], { env: testEnv(t), stdio: 'ignore' })
    let found = descendants(child)
    await until(() => (found = descendants(child)).length > 20)
    child.kill('SIGKILL')
    t.is((await terminate(child)).proof, 'reaper')
    t.deepEqual(
      found.filter(({ pid }) => !hasExited(pid)),
      [],
    )
  }
})

/** Starts children one after the other, and writes how many descriptors were open before and are open at the end. */
const MANY = `
  import { once } from 'node:events'
  import { readdirSync } from 'node:fs'
  import { spawn, terminate } from 'killtarget'
  const count = () => readdirSync('/proc/self/fd').length
  const ways = {
    exited: (leftovers) => once(spawn('true', { leftovers, stdio: 'ignore' }), 'exit'),
    killed: (leftovers) => {
      const child = spawn('sleep', ['600'], { leftovers, stdio: 'ignore' })
      setTimeout(() => child.kill('SIGKILL'), 1)
      return once(child, 'exit')
    },
    terminated: (leftovers) => terminate(spawn('sleep', ['600'], { leftovers, stdio: 'ignore' })),
    closed: (leftovers) => {
      const child = spawn('true', { leftovers, stdio: 'ignore' })
      child.target.close()
      return once(child, 'exit')
    },
  }
  const [way, leftovers] = process.argv.slice(1)
  await ways[way](leftovers)
  const before = count()
  for (let number = 0; number < 20; number++) await ways[way](leftovers)
  const end = performance.now() + 20_000
  const look = () => {
    if (count() <= before + 4 || performance.now() > end) console.log(count() - before)
    else setTimeout(look, 10)
  }
  look()
`

for (const [leftovers, ways] of [
  ['terminate', ['exited', 'killed', 'terminated']],
  ['keep', ['exited', 'killed', 'closed']],
  ['leave', ['exited']],
] as const) {
  for (const way of ways) {
    testUnless(
      noGuard ?? noProc,
      `children of spawn that are over have no descriptors: ${way}, ${leftovers}`,
      async (t) => {
        const more = Number(await line(program(t, MANY, [way, leftovers])))
        t.true(more <= 4, `${more} more`)
      },
    )
  }
}

for (const [isolation, proof] of [
  ['reaper', 'reaper'],
  ['pid-namespace', 'kernel'],
] as const) {
  testUnless(
    noGuard,
    `a child of spawn that is over proves it, also by a target that is read late: ${isolation}`,
    async (t) => {
      const child = spawn('sh', ['-c', 'setsid sleep 600 & exit 3'], { isolation, grace: 100, stdio: 'ignore' })
      await exits(child)
      const gone = { outcome: 'gone', proof, status: { code: 3, signal: null, known: true } } as const
      t.like(await terminate(child), gone)
      t.like(terminateSync(child), gone)
      t.is((await terminate(child, { scope: 'process' })).proof, 'process')
      t.is((await terminate(child, { except: [process.pid] })).proof, 'best-effort')
      const target = child.target!
      t.is(target.contained, proof)
      t.like(await target.terminate(), { outcome: 'gone', proof })
      t.like(await target.exited(), { code: 3 })
      target.close()
    },
  )
}

testUnless(noGuard, 'a target that is read late ends what its command has left', async (t) => {
  const options = { leftovers: 'leave', detached: true, stdio: 'ignore', env: testEnv(t) } as const
  const child = spawn('sh', ['-c', 'sleep 600 & exit 0'], options)
  await exits(child)
  const target = child.target!
  t.is(target.contained, null)
  t.like(await target.terminate(), { outcome: 'exited', ended: 1 })
  target.close()
})
