import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import test from 'ava'
import { capabilities, KillTarget } from 'killtarget'
import { truth } from '../helpers/kernel.ts'
import { sleeper, within } from '../helpers/processes.ts'

const { reason, ...can } = capabilities()
const expected = { ...truth.capabilities, proc: true, raceFree: truth.raceFree }
const missing = Object.entries(expected)
  .filter(([, there]) => !there)
  .map(([name]) => name)

test('capabilities report what this kernel has and what it lacks', (t) => {
  t.deepEqual(can, expected)
})

test('capabilities have a reason only if something is missing', (t) => {
  t.is('reason' in capabilities(), missing.length > 0)
})

test('the reason names each missing capability, with the system call that failed, and no other', (t) => {
  const parts = reason?.split('; ') ?? []
  t.deepEqual(parts.map((part) => part.split(':', 1)[0]!).sort(), missing.sort())
  for (const part of parts) t.regex(part, /^\w+: [\w()/ ]+ failed with E[A-Z]+$/)
})

test('a target has the method that the capabilities announce', (t) => {
  using target = KillTarget.fromPid(sleeper(t).pid)
  t.is(target.method, truth.method)
  t.is(target.method, can.pidfd ? 'pidfd' : 'proc-fd')
  t.is(target.raceFree, can.raceFree)
  t.is(target.raceFree, can.pidfd || can.procSignal)
})

test('capabilities are the same in each call, even after a caller has changed the result of one', (t) => {
  Object.assign(capabilities(), { pidfd: 'changed', reason: 'changed' })
  t.deepEqual(capabilities(), { ...can, ...(reason === undefined ? {} : { reason }) })
})

test('capabilities are the same in other threads', async (t) => {
  const source = `require('node:worker_threads').parentPort.postMessage(require('killtarget').capabilities())`
  const worker = new Worker(source, { eval: true, execArgv: [] })
  const [there] = (await within(once(worker, 'message'), 'the worker')) as [unknown]
  t.deepEqual(there, capabilities())
})
