import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { found } from '../helpers/fixture.ts'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { asFirstProcess, noPidNamespace } from '../helpers/namespace.ts'
import { ended, hasExited, line, start, until, within } from '../helpers/processes.ts'
import { refusalOf } from '../helpers/refusal.ts'
import { testUnless } from '../helpers/test-unless.ts'

type Test = Parameters<typeof start>[0]

/** A launcher as a user that runs nothing else: a limit of processes counts those of all tests. */
const asUser = (user: number) => ['setpriv', '--reuid', String(user), '--clear-groups', '--']
const noOtherUser = refusalOf(asUser(64_321))

/** What a limit leads to. */
type Result = 'ran' | 'refused'

/** Runs a command under a guard that has a limit. Either it runs as without the limit, or it is not started. */
async function run(t: Test, launcher: readonly string[]): Promise<Result | string> {
  const [file, ...args] = [...launcher, GUARD, '--', '/bin/sh', '-c', 'echo ran; exit 7']
  const child = start(t, file!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors] = await within(Promise.all([text(child.stdout), text(child.stderr!)]), 'the output')
  const { code } = await ended(child)
  if (code === 7 && output === 'ran\n' && errors === '') return 'ran'
  if (code === 125 && output === '' && errors.startsWith('killtarget-guard: ')) return 'refused'
  return JSON.stringify({ code, output, errors })
}

/** From a limit on a command runs, and below it is refused. */
function assertThreshold(t: { true(value: boolean, message: string): void }, results: readonly string[]): void {
  const first = results.indexOf('ran')
  const isThreshold = first > 0 && results.every((result, index) => result === (index < first ? 'refused' : 'ran'))
  t.true(isThreshold, results.join(', '))
}

testUnless(noGuard, 'with too few descriptors a guard starts nothing, and with enough it needs no more', async (t) => {
  const results: string[] = []
  for (let limit = 4; limit <= 24; limit++) results.push(await run(t, ['prlimit', `--nofile=${limit}`]))
  assertThreshold(t, results)
})

testUnless(noGuard, 'with too few descriptors no command runs that the end of its input would not end', async (t) => {
  // From the third limit on at which it is started there is no other outcome.
  for (let [limit, started] = [4, 0]; started < 3; limit++) {
    const guard = [GUARD, '--until-stdin-ends', '--grace=0', '--', '/bin/sh', '-c', 'exec sleep 10']
    const child = start(t, 'prlimit', [`--nofile=${limit}`, ...guard], { stdio: ['pipe', 'ignore', 'ignore'] })
    child.stdin.end()
    const { code, signal } = await ended(child)
    t.true(code === 125 || signal === 'SIGKILL', `${limit}: ${code}, ${signal}`)
    started += Number(signal === 'SIGKILL')
  }
})

testUnless(noGuard ?? noOtherUser, 'with too few processes a guard starts nothing', async (t) => {
  const results: string[] = []
  for (let limit = 1; limit <= 6; limit++)
    results.push(await run(t, [...asUser(64_321), 'prlimit', `--nproc=${limit}`]))
  assertThreshold(t, results)
})

for (const [isolation, user] of [
  ['reaper', 64_322],
  ['pid-namespace', 64_323],
] as const) {
  testUnless(
    noGuard ?? noOtherUser ?? noPidNamespace ?? undefined,
    `a guard that is refused a process leaves none, and no zombie: ${isolation}`,
    async (t) => {
      const options = { args: [isolation, ...asUser(user)], launcher: asFirstProcess }
      const { codes, left } = await found<{ codes: number[]; left: string[] }>(t, 'refused-starts.ts', options)
      t.deepEqual([codes.slice(0, 3), left], [[125, 125, 125], []])
      // Where a user namespace is refused, no limit would do.
      if (isolation === 'reaper') t.is(codes.at(-1), 7)
    },
  )
}

testUnless(noGuard, 'limits of memory, files and core dumps do not hinder a guard', async (t) => {
  for (const limit of ['--as=33554432', '--data=16777216', '--stack=1048576', '--fsize=0', '--core=0', '--memlock=0']) {
    t.is(await run(t, ['prlimit', limit]), 'ran', limit)
  }
})

const MEMORY = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].find(
  (folder) => existsSync(`${folder}/memory.limit_in_bytes`) || existsSync(`${folder}/memory.max`),
)

function makeMemoryGroup(): { join: string; remove(): void } | undefined {
  if (MEMORY === undefined) return undefined
  const group = `${MEMORY}/killtarget-${process.pid}`
  const file = existsSync(`${MEMORY}/memory.limit_in_bytes`) ? 'memory.limit_in_bytes' : 'memory.max'
  try {
    mkdirSync(group)
    writeFileSync(`${group}/${file}`, `${64 * 2 ** 20}`)
    return { join: `echo $$ > ${group}/cgroup.procs; exec "$@"`, remove: () => rmdirSync(group) }
  } catch {
    return undefined
  }
}

const group = noGuard === undefined ? makeMemoryGroup() : undefined
process.on('exit', () => {
  try {
    group?.remove()
  } catch {
    // A process of a failed test may still be in it.
  }
})

testUnless(
  noGuard ?? (group === undefined ? 'no memory group can be made' : undefined),
  'a command that is killed for want of memory is told as killed, and what it has left is ended',
  async (t) => {
    const hog = 'setsid sleep 600 & echo $!; exec tail /dev/zero'
    const child = start(t, 'sh', ['-c', group!.join, 'sh', GUARD, '--', 'sh', '-c', hog])
    const daemon = Number(await line(child))
    t.deepEqual(await ended(child), { code: null, signal: 'SIGKILL' })
    await until(() => hasExited(daemon))
  },
)
