import test from 'ava'
import type { Case, Found } from '../fixtures/failing-calls.ts'
import { noCompiler } from '../helpers/compile.ts'
import { CALLS, falsehood, LEFT_OUT, matrix, TREES } from '../helpers/failing-calls.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { noStrace } from '../helpers/strace.ts'

/** How many cases run. The matrix has about 1,800, each of which takes up to 3 seconds. */
const CASES = Number(process.env['KILLTARGET_TEST_CALLS'] ?? 16)
const CASES_PER_PROCESS = 12
/** Milliseconds that a termination waits after SIGKILL. */
const TIMEOUT = 500

const reason = noStrace ?? noCompiler ?? noPidNamespace ?? undefined
const serial = reason === undefined ? test.serial : test.serial.skip
const titled = (title: string) => (reason === undefined ? title : `${title} (skipped: ${reason})`)

/** Two numbers without a common divisor: any number of cases then has all threads, calls and errors in it. */
const STRIDE = 577

function part(): Case[] {
  const all = matrix()
  return Array.from({ length: Math.min(CASES, all.length) }, (_, index) => all[(index * STRIDE) % all.length]!)
}

function runCases(cases: readonly Case[], timeout = TIMEOUT, ...first: 'cold'[]): Promise<Found[]> {
  const args = [JSON.stringify(cases), String(timeout), ...first]
  return inNamespace<Found[]>('failing-calls.ts', { args, timeout: 120_000 })
}

function falsehoods(found: readonly Found[]): string[] {
  return found.flatMap((each) => {
    const what = falsehood(each)
    return what === undefined ? [] : [`${what}: ${JSON.stringify(each)}`]
  })
}

serial(titled('a report stays true if a system call fails'), async (t) => {
  t.timeout(3_600_000)
  const cases = part()
  const found: Found[] = []
  for (let processes = 0; cases.length > 0; processes++) {
    const first = processes % 2 === 0 ? [] : (['cold'] as const)
    found.push(...(await runCases(cases.splice(0, CASES_PER_PROCESS), TIMEOUT, ...first)))
  }
  t.deepEqual(falsehoods(found), [])
  t.true(found.some(({ injected }) => injected > 0))
})

serial(titled('the calls that fail in these tests are all that a termination makes'), async (t) => {
  const traced = (thread: Case['thread'], detached: boolean, tree: string): Case => {
    return { thread, call: 'all', fault: '', detached, tree }
  }
  for (const thread of ['sync', 'core'] as const) {
    const cases = TREES.flatMap((tree) => [traced(thread, true, tree), traced(thread, false, tree)])
    const found = await runCases(cases, TIMEOUT, 'cold')
    t.deepEqual(falsehoods(found), [])
    const known = new Set([...CALLS[thread], ...LEFT_OUT])
    t.deepEqual(
      [...new Set(found.flatMap(({ calls }) => calls))].filter((call) => !known.has(call)),
      [],
    )
  }
})

serial(titled('a termination ends in time if poll fails with EINTR each time'), async (t) => {
  const fault = 'error=EINTR:when=1+'
  const cases = (['sync', 'core'] as const).map((thread) => {
    return { thread, call: 'poll', fault, detached: true, tree: 'root(a is:b(c))' }
  })
  const found = await runCases(cases)
  t.deepEqual(falsehoods(found), [])
  for (const { injected } of found) t.true(injected > 0)
})

serial(titled('a termination leaves no descriptor open if it cannot read directories'), async (t) => {
  const cases = ['fcntl', 'getdents64', 'newfstatat'].map((call): Case => {
    return { thread: 'sync', call, fault: 'error=ENOMEM:when=1+', detached: true, tree: 'root(a is:b(c))' }
  })
  const found = await runCases(cases)
  t.deepEqual(falsehoods(found), [])
  t.true(found.some(({ injected }) => injected > 0))
})

serial(titled('an interruption of the first call of a process does not disable pidfds'), async (t) => {
  const interrupted = (when: string): Case => {
    return { thread: 'sync', call: 'pidfd_open', fault: `error=EINTR:when=${when}`, detached: true, tree: 'root(a)' }
  }
  const cases = ['1', '1+'].map(interrupted)
  const [first, second] = (await runCases(cases, TIMEOUT, 'cold')) as [Found, Found]
  t.deepEqual(falsehoods([first, second]), [])
  // The second termination tries again.
  t.true(first.injected === 1 && second.injected > 0, `${first.injected}, ${second.injected}`)
})

serial(titled('no child of a tree lives on without a name if a scan of it takes longer than its limit'), async (t) => {
  const delayed = (thread: Case['thread'], detached: boolean): Case => {
    return { thread, call: 'pidfd_open', fault: 'delay_enter=20000', detached, tree: 'root(60*a)' }
  }
  const cases = [delayed('sync', true), delayed('sync', false), delayed('core', true), delayed('core', false)]
  const found = await runCases(cases, 5000)
  t.deepEqual(falsehoods(found), [])
  for (const { injected } of found) t.true(injected >= 60, String(injected))
})
