import { constants } from 'node:os'
import type { ExecutionContext } from 'ava'
import { json, start } from '../helpers/processes.ts'
import { noSignalTrace, type SentSignal, signalTrace } from '../helpers/signal-trace.ts'
import { living, type Tree, tree } from '../helpers/tree.ts'
import { testUnless } from '../helpers/test-unless.ts'

const { SIGTERM, SIGCONT, SIGKILL, SIGSTOP } = constants.signals

/** Terminates the tree by another process. Returns the signals that it sends, in order. */
async function sentTo(t: ExecutionContext, { root, pids }: Tree, grace: number): Promise<SentSignal[]> {
  const source = `
    import { terminate } from 'killtarget'
    const [pid, grace] = process.argv.slice(1).map(Number)
    const { outcome, survivors } = await terminate(pid, { grace, killTimeout: 60_000 })
    console.log(JSON.stringify([outcome, survivors]))
  `
  const node = [process.execPath, '--no-warnings', '--input-type=module', '--eval', source, '--']
  const { launcher, sent } = signalTrace(t)
  const [program, ...args] = [...launcher, ...node, String(root.pid), String(grace)]
  const [outcome, survivors] = await json<[string, object[]]>(start(t, program!, args))
  t.not(outcome, 'survived')
  t.deepEqual(survivors, [])
  t.deepEqual(living(pids), [])
  return sent()
}

/** Returns the recipients of a signal, in order. */
const to = (signal: number, all: readonly SentSignal[]) =>
  all.flatMap(([other, pid]) => (other === signal ? [pid] : []))

/** All processes ignore SIGTERM. A process that exits at it might be gone before its SIGCONT. */
const SHAPE = 'i:root(ig:one(i:two(ig:three)) is:four(i:five) i:six)'

/** Asserts that the processes of each pair come in this order. */
function inOrder(
  t: ExecutionContext,
  pids: readonly number[],
  { pid }: Tree,
  pairs: readonly (readonly [string, string])[],
): void {
  for (const [first, second] of pairs) {
    t.true(pids.indexOf(pid(first)) < pids.indexOf(pid(second)), `${first} before ${second} in ${pids.join(' ')}`)
  }
}

const PARENTS_FIRST = [
  ['root', 'one'],
  ['one', 'two'],
  ['two', 'three'],
  ['root', 'four'],
  ['four', 'five'],
  ['root', 'six'],
] as const

const DEEPEST_FIRST = PARENTS_FIRST.map(([parent, child]) => [child, parent] as const)

for (const [how, detached] of [
  ['plain', false],
  ['detached', true],
] as const) {
  testUnless(
    noSignalTrace,
    `terminate sends the polite signal to parents first, once to each process, and SIGCONT after it: ${how}`,
    async (t) => {
      const started = await tree(t, SHAPE, { detached })
      const all = await sentTo(t, started, 100)
      const signalled = to(SIGTERM, all)
      t.deepEqual([...signalled].sort(), [...started.pids].sort())
      inOrder(t, signalled, started, PARENTS_FIRST)
      for (const pid of started.pids) {
        const own = all.filter(([, other]) => other === pid)
        t.deepEqual(own.slice(0, 2), [
          [SIGTERM, pid],
          [SIGCONT, pid],
        ])
      }
    },
  )

  testUnless(
    noSignalTrace,
    `terminate stops parents first and kills deepest first if the tree spans several groups: ${how}`,
    async (t) => {
      const started = await tree(t, SHAPE, { detached })
      const all = await sentTo(t, started, 0)
      const stopped = to(SIGSTOP, all)
      inOrder(t, stopped, started, PARENTS_FIRST)
      const killed = to(SIGKILL, all).filter((pid) => pid > 0)
      inOrder(t, killed, started, DEEPEST_FIRST)
      t.deepEqual(to(SIGTERM, all), [])
    },
  )
}

testUnless(
  noSignalTrace,
  "terminate kills a tree within the root's group by one signal, and stops no process, if no process is started meanwhile",
  async (t) => {
    // Other tests start processes, too.
    for (let tries = 0; tries < 20; tries++) {
      const started = await tree(t, 'root(one(two) 3*three)', { detached: true })
      const all = await sentTo(t, started, 0)
      if (to(SIGSTOP, all).length > 0) continue
      t.deepEqual(all[0], [SIGKILL, -started.root.pid])
      return
    }
    t.fail('it was stopped each time')
  },
)
