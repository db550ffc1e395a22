import type { Termination } from 'killtarget'
import type { Found as Covered } from '../fixtures/proc-covered.ts'
import type { Found as Outer } from '../fixtures/proc-outer.ts'
import type { Found as WithOrphan } from '../fixtures/proc-orphan.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { NOBODY } from '../helpers/controlled-group.ts'
import { refusalOf } from '../helpers/refusal.ts'
import { truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace, noPidReuse } from '../helpers/namespace.ts'
import { procMounts } from '../helpers/proc-mounts.ts'
import { serialUnless, testUnless } from '../helpers/test-unless.ts'

const { info, pidfd } = truth.capabilities
const reason = noPidNamespace ?? undefined

/** What covers a part of `/proc` for a tree, and whether the tree is seen whole all the same: each process names its parent. */
const covers: Record<string, 'whole' | 'with a gap'> = {
  'a tmpfs over /proc/PID': 'with a gap',
  'a tmpfs over /proc/PID/task': 'whole',
  'another /proc/PID over /proc/PID': 'with a gap',
  'another task over /proc/PID/task': 'whole',
  'another children over children': 'whole',
  'an empty file over children': 'whole',
  'a FIFO over children': 'whole',
  'a FIFO over stat': 'with a gap',
  'a FIFO over the files of this process': 'with a gap',
  'a FIFO over the files of the system': 'whole',
  'a read-only /proc/sys': 'whole',
}

for (const [cover, sight] of Object.entries(covers)) {
  for (const when of ['before', 'after'] as const) {
    // Each at its own time: a proof needs processes that stop soon after SIGSTOP.
    serialUnless(
      reason,
      `${cover}, mounted ${when} the load, hides no descendant without a gap in the proof`,
      async (t) => {
        const options = { args: [cover, when] }
        const { descendants, suspended, report, alive, members } = await inNamespace<Covered>(
          'proc-covered.ts',
          options,
        )
        // Stopped, or it cannot tell.
        t.true(['T', 'named', 'ERR_TIMEOUT', 'ENOSYS', 'ERR_IDENTITY_UNAVAILABLE'].includes(suspended), suspended)
        if (sight === 'whole') {
          t.like(report, { outcome: 'killed', survivors: [], proof: 'descendants' })
          t.deepEqual(alive, [])
        }
        if (typeof report !== 'string' && report.proof !== 'best-effort') t.deepEqual(unnamed(alive, report), [])
        if (Array.isArray(descendants)) t.deepEqual(missing(members, descendants), [])
        else t.true(['ERR_TIMEOUT', 'ENOSYS', 'ERR_IDENTITY_UNAVAILABLE'].includes(descendants), descendants)
      },
    )
  }
}

testUnless(reason, 'a folder with the names of /proc in its place is not used', async (t) => {
  const args = ['a folder over /proc', 'before']
  const { descendants, report } = await inNamespace<Covered>('proc-covered.ts', { args })
  t.is(descendants, pidfd ? 'ENOSYS' : 'ERR_IDENTITY_UNAVAILABLE')
  if (typeof report === 'string') t.true(!info && report === 'ERR_IDENTITY_UNAVAILABLE', report)
  else t.is(report.proof, 'best-effort')
})

testUnless(reason, 'a folder that covers /proc after the load hides no descendant', async (t) => {
  const args = ['a folder over /proc', 'after']
  const { report, alive } = await inNamespace<Covered>('proc-covered.ts', { args })
  t.like(report, { outcome: 'killed', survivors: [] })
  t.deepEqual(alive, [])
})

testUnless(
  noPidReuse ?? noCompiler,
  'the /proc of an outer PID namespace is not used if this process has the same pid in both',
  async (t) => {
    const { hasStrangerLived, inner } = await inNamespace<Outer>('proc-outer.ts', { args: [compiled('set-pid')] })
    t.true(hasStrangerLived, JSON.stringify(inner))
    t.is(inner.pid, 6001)
    t.false(inner.proc)
    if (pidfd) {
      t.deepEqual(inner.target, { method: 'pidfd', raceFree: true, sent: true })
      t.like(inner.tree, { proof: 'best-effort' })
    } else {
      t.is(inner.target, 'ERR_IDENTITY_UNAVAILABLE')
      t.is(inner.tree, 'ERR_IDENTITY_UNAVAILABLE')
    }
  },
)

testUnless(reason, 'an orphan of the session that /proc shows is found if /proc hides pid 1', async (t) => {
  const { listed, report, orphan, isAlive } = await inNamespace<WithOrphan>('proc-orphan.ts', procMounts.hidden)
  t.true(listed.includes(orphan), `${orphan} in ${listed}`)
  t.like(report, { survivors: [], proof: 'best-effort' })
  t.false(isAlive)
})

const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
const asRootOfUserNamespace = [...asNobody, 'unshare', '--user', '--map-root-user']

/** Pid 1 is visible in all of these, but not the processes of other users. */
const hiding = {
  'an older mount covers a newer one': [
    `mkdir -p /tmp/older && mount -t tmpfs none /tmp/older && mkdir /tmp/older/proc &&
    mount -t proc -o hidepid=2 proc /tmp/older/proc && mount -t proc proc /proc &&
    mount --move /tmp/older/proc /proc`,
    asNobody,
  ],
  'root is root of a user namespace only': ['mount -t proc -o hidepid=2 proc /proc', asRootOfUserNamespace],
} as const
for (const [situation, [script, launcher]] of Object.entries(hiding)) {
  testUnless(
    reason ?? refusalOf(launcher),
    `the proof is 'best-effort' if /proc hides processes and ${situation}`,
    async (t) => {
      const unshare = ['--pid', '--fork', '--mount', 'sh', '-c', `${script} || exit 1; exec "$@"`, 'sh', ...launcher]
      const { report } = await inNamespace<WithOrphan>('proc-orphan.ts', { unshare })
      t.like(report, { survivors: [], proof: 'best-effort' })
    },
  )
}

testUnless(
  reason ?? refusalOf(['unshare', '--user', '--map-root-user']),
  'root sees all processes in a PID namespace that its user namespace owns',
  async (t) => {
    const script = 'mount -t proc -o hidepid=2 proc /proc || exit 1; exec "$@"'
    const namespaces = ['--user', '--map-root-user', '--pid', '--fork', '--mount']
    const { report } = await inNamespace<WithOrphan>('proc-orphan.ts', {
      unshare: [...namespaces, 'sh', '-c', script, 'sh'],
    })
    t.like(report, { survivors: [], proof: 'session' })
  },
)

const noLandlock = noCompiler ?? refusalOf([compiled('landlock')], [])
testUnless(
  reason ?? noLandlock,
  "the proof is 'best-effort' if Landlock refuses the files of others to root",
  async (t) => {
    const args = ['nothing', 'after', compiled('landlock')]
    const { descendants, report } = await inNamespace<Covered>('proc-covered.ts', { args })
    // Without PIDFD_GET_INFO, even the target cannot be verified.
    if (typeof report === 'string') t.true(!info && ['EACCES', 'ERR_IDENTITY_UNAVAILABLE'].includes(report), report)
    else t.is(report.proof, 'best-effort')
    t.is(typeof descendants, 'string')
  },
)

/** Returns the processes that are alive and that the report does not name. */
function unnamed(alive: readonly number[], { survivors }: Termination): number[] {
  return missing(
    alive,
    survivors.map(({ pid }) => pid),
  )
}

function missing(pids: readonly number[], found: readonly number[]): number[] {
  return pids.filter((pid) => !found.includes(pid))
}
