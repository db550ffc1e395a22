import test from 'ava'
import { descendants, formatTree, type ProcessInfo } from 'killtarget'
import { number, shell } from '../helpers/processes.ts'

/** Makes the facts about a process. */
function process(pid: number, ppid: number | null, facts: Partial<ProcessInfo> = {}): ProcessInfo {
  const unknown = { pgid: null, sid: null, name: `p${pid}`, user: null, state: 'S', startTime: null, token: null }
  return { pid, ppid, command: [`p${pid}`], ...unknown, ...facts }
}

/** The lines of a tree. */
const lines = (processes: readonly ProcessInfo[], width = Infinity) => formatTree(processes, { width }).split('\n')

test('formatTree draws each process under its parent', (t) => {
  const processes = [process(1, 0), process(2, 1), process(3, 2), process(4, 2), process(5, 1), process(6, 5)]
  t.deepEqual(lines(processes), ['1 p1', '├─ 2 p2', '│  ├─ 3 p3', '│  └─ 4 p4', '└─ 5 p5', '   └─ 6 p6'])
})

test('formatTree draws the descendants of a real process', async (t) => {
  const child = shell(t, 'sleep 601 & sh -c "sleep 602; :" & echo $!; wait')
  const second = await number(child)
  const sleeps = () => descendants(child, { self: true })
  await t.notThrowsAsync(async () => {
    while (sleeps().length < 4) await new Promise(setImmediate)
  })
  const [root, first, , last] = sleeps().map(({ pid }) => pid)
  t.deepEqual(lines(sleeps()), [
    `${root} sh -c sleep 601 & sh -c "sleep 602; :" & echo $!; wait`,
    `├─ ${first} sleep 601`,
    `└─ ${second} sh -c sleep 602; :`,
    `   └─ ${last} sleep 602`,
  ])
})

test('formatTree draws several trees, and children that come before their parents', (t) => {
  t.deepEqual(lines([process(3, 2), process(2, 1), process(9, null), process(5, 4)]), [
    '2 p2',
    '└─ 3 p3',
    '9 p9',
    '5 p5',
  ])
  t.is(formatTree([]), '')
})

test('formatTree draws each process once, even if pids were reused', (t) => {
  t.deepEqual(lines([process(1, 2), process(2, 1)]), ['1 p1', '└─ 2 p2'])
  t.deepEqual(lines([process(1, 1)]), ['1 p1'])
  t.deepEqual(lines([process(1, 0), process(1, 0), process(2, 1)]), ['1 p1', '└─ 2 p2', '1 p1'])
})

test('formatTree shows the name of a process without a command, and states that matter', (t) => {
  const facts: [Partial<ProcessInfo>, string][] = [
    [{ command: null, name: 'kworker' }, '7 [kworker]'],
    [{ command: [], name: null }, '7 [?]'],
    [{ command: null, name: 'sh', state: 'Z' }, '7 [sh] (zombie)'],
    [{ state: 'T' }, '7 p7 (stopped)'],
    [{ state: 't' }, '7 p7 (traced)'],
    [{ state: 'D' }, '7 p7 (uninterruptible)'],
    [{ state: null }, '7 p7'],
  ]
  for (const [known, expected] of facts) t.is(formatTree([process(7, 1, known)]), expected)
})

test('formatTree lets no command line change the terminal', (t) => {
  const command = ['a\nb', '\u001b[2J', '\u009b1m', '\u202e', '\ud800', 'c\t d']
  t.is(formatTree([process(7, 1, { command })]), '7 a b ?[2J ?1m ? ? c d')
})

test('formatTree cuts lines to the width', (t) => {
  const wide = process(1, 0, { command: ['x'.repeat(200)] })
  t.is(formatTree([wide], { width: 10 }), '1 xxxxxxx…')
  t.is(formatTree([process(1, 0, { command: ['12345678'] })], { width: 10 }), '1 12345678')
  // Each of these takes two columns, or none.
  t.is(formatTree([process(1, 0, { command: ['漢字漢字漢'] })], { width: 10 }), '1 漢字漢…')
  t.is(formatTree([process(1, 0, { command: ['漢字漢字'] })], { width: 10 }), '1 漢字漢字')
  t.is(formatTree([process(1, 0, { command: ['e\u0301'.repeat(8)] })], { width: 10 }), `1 ${'e\u0301'.repeat(8)}`)
  t.is(formatTree([wide], { width: 1 }), '…')
  t.is(formatTree([wide]).length, globalThis.process.stdout.columns ?? 132)
  t.is(formatTree([wide], { width: Infinity }).length, 202)
})

test('formatTree draws a tree of any depth', (t) => {
  const chain = Array.from({ length: 20_000 }, (_, index) => process(index + 1, index))
  const drawn = lines(chain, 100)
  t.is(drawn.length, 20_000)
  t.is(drawn[3], '      └─ 4 p4')
  t.true(drawn.every((line) => line.length <= 100))
})

test('formatTree refuses what is no list of processes', (t) => {
  for (const [processes, options, code] of [
    [null, undefined, 'ERR_INVALID_ARG_TYPE'],
    [process(1, 0), undefined, 'ERR_INVALID_ARG_TYPE'],
    [[null], undefined, 'ERR_INVALID_ARG_TYPE'],
    [[{}], undefined, 'ERR_INVALID_ARG_TYPE'],
    [[], { width: '80' }, 'ERR_INVALID_ARG_TYPE'],
    [[], { width: 0 }, 'ERR_OUT_OF_RANGE'],
    [[], { width: NaN }, 'ERR_OUT_OF_RANGE'],
    [[], { columns: 80 }, 'ERR_INVALID_ARG_VALUE'],
    [[], null, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    t.throws(() => formatTree(processes as never, options as never), { code }, JSON.stringify([processes, options]))
  }
})
