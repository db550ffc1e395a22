import { constants } from 'node:os'
import test from 'ava'
import type { Found } from '../fixtures/exhausted-waits.ts'
import { found } from '../helpers/fixture.ts'
import { truth } from '../helpers/kernel.ts'
import { sleeper } from '../helpers/processes.ts'
import { endedBy } from '../helpers/status.ts'

test('when no file descriptor is left the first wait says so, a later one works, and others do anyway', async (t) => {
  const other = sleeper(t)
  const { other: seen, ...children } = await found<Found>(t, 'exhausted-waits.ts', {
    args: [other.pid],
    launcher: ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'],
  })
  const errno = -constants.errno.EMFILE
  t.deepEqual(children, {
    first: { name: 'KillError', code: 'EMFILE', syscall: 'epoll_create1', errno },
    again: endedBy('SIGKILL'),
    early: endedBy('SIGKILL'),
    late: ['start-time', endedBy('SIGKILL')],
  })
  const [method, status] = seen
  t.is(method, 'start-time')
  // Whether it is seen as a zombie still, as it is looked at only, depends on who is faster.
  t.true(['SIGKILL', null].includes('signal' in status ? status.signal : 'rejected'), truth.method)
})
