import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { group, state, until } from '../helpers/processes.ts'
import { runIn, runtimes } from '../helpers/runtimes.ts'
import { testUnless } from '../helpers/test-unless.ts'

interface Found {
  /** The results of each function, before the first thread was started and after. */
  fresh: object
  armed: object
  /** Whether a termination blocks JavaScript without any thread, and whether JavaScript runs with one. */
  isBlocked: boolean
  runs: boolean
  /** The leader of a group that was in its grace period at the exit. */
  last: number
}

const ended = {
  exited: 'SIGKILL',
  terminate: 'killed',
  waitOrKill: [true, 'SIGKILL', 'killed'],
  killOnAbort: 'killed',
  forced: 'killed',
  joined: [0, 0],
  suspend: [0, true, 0, false],
  treeKill: 'SIGKILL',
  alive: {
    exited: 0,
    terminate: 0,
    waitOrKill: 0,
    killOnAbort: 0,
    forced: 0,
    joined: 0,
    suspend: 0,
    treeKill: 0,
  },
}

for (const runtime of runtimes) {
  const reason = runtime.reason ?? noCompiler
  testUnless(reason, `${runtime.name} ends all processes in scope although no thread can be started`, async (t) => {
    const file = join(tmpdir(), randomUUID())
    t.teardown(() => rmSync(file, { force: true }))
    const env = { LD_PRELOAD: compiled('no-threads', 'shared'), NO_THREADS: file }
    const { result } = await runIn<Found>(t, { ...runtime, env }, 'no-threads', file)
    const { last, ...found } = result
    t.deepEqual(found, { fresh: ended, isBlocked: true, armed: ended, runs: true } as typeof found)
    const isOver = () => group(last).every((pid) => ['Z', undefined].includes(state(pid)))
    await until(isOver, 'the group to be killed')
    t.true(isOver())
  })
}
