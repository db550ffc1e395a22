import test from 'ava'
import type { Termination } from 'killtarget'
import type { Found as Exhausted } from '../fixtures/exhausted-terminate.ts'
import type { Found, Seen } from '../fixtures/proc-terminate.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { found } from '../helpers/fixture.ts'
import { kernel, truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { procMounts } from '../helpers/proc-mounts.ts'
import { json, program, sleeper } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const { pidfd, groupSignal } = truth.capabilities
const over = { survivors: [], proof: 'group' }

test('terminate and waitOrKill work without a free file descriptor, for targets from before and for new ones', async (t) => {
  const { waited, group, sync, late } = await found<Exhausted>(t, 'exhausted-terminate.ts', {
    launcher: ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'],
  })
  t.like(waited, { outcome: 'killed', ...over })
  t.deepEqual(group, { outcome: 'exited', ended: 3, ...over } as typeof group)
  t.like(sync, { outcome: 'killed', ...over })
  t.deepEqual(late, { method: 'start-time', outcome: 'killed', ended: 1, ...over, proof: 'process' } as typeof late)
})

testUnless(
  noPidNamespace ?? undefined,
  "terminate reports the proof 'best-effort' if /proc hides processes from a root without CAP_SYS_PTRACE",
  async (t) => {
    const script = 'mount -t proc -o hidepid=4 proc /proc || exit 1; exec setpriv --bounding-set -sys_ptrace "$@"'
    const unshare = ['--pid', '--fork', '--mount', 'sh', '-c', script, 'sh']
    const { proof, survivors } = await inNamespace<Termination>('hidden-from-root.ts', { unshare })
    t.deepEqual({ proof, survivors }, { proof: 'best-effort', survivors: [] })
  },
)

const scoped = Object.entries(procMounts).flatMap(([place, options]) =>
  ['group', 'tree'].map((scope) => ({ place, scope, options })),
)
for (const { place, scope, options } of scoped) {
  testUnless(
    noPidNamespace ?? undefined,
    `terminate ends what it can of a ${scope} if /proc is ${place}`,
    async (t) => {
      const args = [scope, ...('args' in options ? options.args : [])]
      const seen = await inNamespace<Found>('proc-terminate.ts', { ...options, args })
      if (!pidfd && place !== 'hidden') {
        // No process can be verified there.
        const refusal = 'ERR_IDENTITY_UNAVAILABLE'
        t.deepEqual(seen, {
          exited: refusal,
          sync: refusal,
          killed: refusal,
          survived: refusal,
          suspended: refusal,
        })
        return
      }
      const raceFree = groupSignal && truth.raceFree
      const known = { survivors: [], raceFree, proof: 'best-effort' }
      const [exited, killed] = [reported(seen.exited), reported(seen.killed)]
      // The visible processes of a tree are signalled one by one.
      const asked = { ...known, raceFree: scope === 'tree' && place === 'hidden' ? truth.raceFree : raceFree }
      t.like(exited, { endedBy: 'SIGTERM', report: asked })
      t.is(exited.report.status!.signal, 'SIGTERM')
      // Without /proc a zombie looks like a running member. No other process reaps them here before their parent does.
      t.true(['exited', 'killed'].includes(exited.report.outcome), exited.report.outcome)
      const sync = reported(seen.sync)
      t.like(sync, { endedBy: 'SIGTERM', report: asked })
      // Without /proc, and without a parent that reaps during the call, the call waits for the whole grace period.
      t.is(sync.report.outcome, place === 'hidden' ? 'exited' : 'killed')
      t.like(killed, { endedBy: 'SIGKILL', report: { ...known, outcome: 'killed' } })
      const survived = reported(seen.survived)
      t.like(survived, { endedBy: null, report: { outcome: 'survived', status: null, proof: 'best-effort' } })
      t.true(survived.report.survivors.length > 0)
      for (const { reason } of survived.report.survivors) t.is(reason, 'timeout')
      // Nothing shows the rest of a tree.
      t.deepEqual(seen.suspended, scope === 'tree' && place !== 'hidden' ? 'ENOSYS' : [])
    },
  )
}

function reported(seen: Seen): Exclude<Seen, string> {
  if (typeof seen === 'string') throw new Error(`${kernel}: ${seen}`)
  return seen
}

testUnless(noCompiler, 'a jump of the time of day does not change a grace period or a timeout', async (t) => {
  const source = `
    import { readFileSync } from 'node:fs'
    import { spawn } from 'node:child_process'
    import { KillTarget, terminateSync } from 'killtarget'
    const days = new Set()
    for (let look = 0; look < 100; look++) days.add(new Date().getUTCDate())
    const start = () => spawn('sh', ['-c', 'trap "" TERM; echo; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const results = []
    for (const way of ['terminate', 'terminateSync', 'exited']) {
      const child = start()
      await new Promise((resolve) => child.stdout.once('data', resolve))
      const target = KillTarget.fromChild(child)
      const from = process.hrtime.bigint()
      const options = way === 'exited' ? { timeout: 300 } : { grace: 300 }
      const { outcome, code } = await Promise.resolve(target[way](options)).catch((error) => error)
      results.push([outcome ?? code, Number(process.hrtime.bigint() - from) / 1e6])
      child.kill('SIGKILL')
    }
    console.log(JSON.stringify({ jumps: days.size > 1, results }))
    process.exit()
  `
  const child = program(t, source, [], { env: { ...process.env, LD_PRELOAD: compiled('clock', 'shared') } })
  const { jumps, results } = await json<{ jumps: boolean; results: [string, number][] }>(child)
  t.true(jumps, 'the clock must jump')
  t.deepEqual(
    results.map(([what]) => what),
    ['killed', 'killed', 'ERR_TIMEOUT'],
  )
  for (const [what, milliseconds] of results) {
    t.true(milliseconds >= 299 && milliseconds < 30_000, `${what} after ${milliseconds} ms`)
  }
})

test('terminate ends a process that is not related to its caller', async (t) => {
  const { pid } = sleeper(t)
  const source = `
    import { terminate } from 'killtarget'
    console.log(JSON.stringify(await terminate(Number(process.argv[1]))))
  `
  t.like(await json<object>(program(t, source, [pid])), { outcome: 'exited', ended: 1 })
})
