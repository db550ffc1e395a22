import test, { type ExecutionContext } from 'ava'
import type { Found } from '../fixtures/proc.ts'
import type { Found as HiddenLater } from '../fixtures/proc-hidden-later.ts'
import { truth } from '../helpers/kernel.ts'
import { inNamespace, noPidNamespace } from '../helpers/namespace.ts'
import { procMounts } from '../helpers/proc-mounts.ts'

const { pidfd } = truth.capabilities
const good = { isAlive: true, probed: true, sent: true, endedBy: 'SIGUSR2' }
const afterwards = { isAlive: false, signal: false, signalPg: false }
const verified = { ...good, method: truth.method, raceFree: truth.raceFree, afterwards }
const unverified = { ...good, method: 'pid', raceFree: false, afterwards }
const gone = { method: 'gone', raceFree: true, isAlive: false, signal: false }

const testProc = noPidNamespace === null ? test : test.skip

const withoutIt = test.macro({
  title: (title = '') => (noPidNamespace === null ? title : `${title} (skipped: ${noPidNamespace})`),
  async exec(t, place: 'foreign' | 'absent', reason: RegExp) {
    const { capabilities, lives, over } = await inNamespace<Found>('proc.ts', procMounts[place])
    const { reason: actual, ...can } = capabilities
    t.deepEqual(can, { ...truth.capabilities, procSignal: false, proc: false, raceFree: pidfd })
    t.regex(actual ?? '', reason)
    t.deepEqual(over, { verified: gone, unverified: gone })
    for (const [way, life] of Object.entries(lives)) {
      if (pidfd) t.deepEqual(life, verified as typeof life, way)
      else if (way.includes('unverified')) t.deepEqual(life, unverified as typeof life, way)
      else isRefused(t, life, reason)
    }
    t.is(Object.keys(lives).length, 8)
  },
})

testProc(
  'targets do not use the /proc of another PID namespace',
  withoutIt,
  'foreign',
  /\/proc belongs to another PID namespace/,
)
testProc('targets that do not need /proc work without it', withoutIt, 'absent', /\/proc is not available/)

const hidden = test.macro({
  title: (title = '') => (noPidNamespace === null ? title : `${title} (skipped: ${noPidNamespace})`),
  async exec(t) {
    const { capabilities, lives, over, othersProcess } = await inNamespace<Found>('proc.ts', {
      ...procMounts.hidden,
      args: [...procMounts.hidden.args, '1'],
    })
    const { reason: _, ...can } = capabilities
    t.deepEqual(can, { ...truth.capabilities, proc: true, raceFree: truth.raceFree })
    t.deepEqual(over, { verified: gone, unverified: gone })
    for (const [way, life] of Object.entries(lives)) t.deepEqual(life, verified as typeof life, way)

    const denied = { code: 'EPERM', message: `EPERM: Operation not permitted, ${pidfd ? 'pidfd_send_signal' : 'kill'}` }
    const other = { isAlive: true, signal: denied }
    if (pidfd) {
      const held = { ...other, method: 'pidfd', raceFree: true }
      t.deepEqual(othersProcess, { verified: held, unverified: held } as typeof othersProcess)
    } else {
      isRefused(t, othersProcess!['verified']!, /\/proc hides the process/)
      t.deepEqual(othersProcess!['unverified'], { ...other, method: 'pid', raceFree: false } as never)
    }
  },
})

testProc('a hidden process of another user is not reported as gone if /proc is mounted with hidepid=2', hidden)

testProc('a process that /proc hides after it was opened is not reported as gone', async (t) => {
  const { method, isAlive, signal } = await inNamespace<HiddenLater>('proc-hidden-later.ts', procMounts.hidden)
  t.is(method, truth.method)
  t.not(isAlive, false)
  t.true(['EPERM', 'ENOENT'].includes(String(signal)), String(signal))
  if (truth.raceFree) t.is(signal, 'EPERM')
})

function isRefused(t: ExecutionContext, refusal: object, reason: RegExp): void {
  t.like(refusal, { code: 'ERR_IDENTITY_UNAVAILABLE' })
  t.regex((refusal as { message: string }).message, reason)
}
