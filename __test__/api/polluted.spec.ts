import test from 'ava'
import { found } from '../helpers/fixture.ts'
import { endedBy, exitedWith } from '../helpers/status.ts'

interface Found {
  polluted: boolean
  results: Record<string, unknown>
}

test('members of Object.prototype change no option, no report and no error', async (t) => {
  const [clean, polluted] = [
    await found<Found>(t, 'polluted.mjs', { args: ['clean'] }),
    await found<Found>(t, 'polluted.mjs', { args: ['polluted'] }),
  ]
  t.deepEqual([clean.polluted, polluted.polluted], [false, true])
  t.like(clean.results, {
    exited: endedBy('SIGTERM'),
    terminate: { outcome: 'exited' },
    inherited: { outcome: 'killed' },
    waited: { outcome: 'exited' },
    unlimited: exitedWith(0),
    late: { kind: 'KillError', code: 'ERR_TIMEOUT' },
    refused: { code: 'ERR_PROTECTED_TARGET' },
    group: { code: 'ERR_NOT_GROUP_LEADER' },
  })
  t.deepEqual(polluted.results, clean.results)
})
