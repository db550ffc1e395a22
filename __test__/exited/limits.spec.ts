import test from 'ava'
import type { Found } from '../fixtures/exhausted-waits.ts'
import { found } from '../helpers/fixture.ts'
import { truth } from '../helpers/kernel.ts'
import { sleeper } from '../helpers/processes.ts'
import { endedBy } from '../helpers/status.ts'

test('exited resolves without a free file descriptor, at the first wait and at later ones', async (t) => {
  const other = sleeper(t)
  const { other: seen, ...children } = await found<Found>(t, 'exhausted-waits.ts', {
    args: [other.pid],
    launcher: ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'],
  })
  t.deepEqual(children, {
    first: endedBy('SIGKILL'),
    again: endedBy('SIGKILL'),
    early: endedBy('SIGKILL'),
    late: ['start-time', endedBy('SIGKILL')],
  })
  const [method, status] = seen
  t.is(method, 'start-time')
  // The wait polls the process. Its parent may reap it before a poll has seen the zombie.
  t.true(['SIGKILL', null].includes('signal' in status ? status.signal : 'rejected'), truth.method)
})
