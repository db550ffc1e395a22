import { KillTarget } from 'killtarget'
import { ratio } from './compare.ts'
import { interleave } from './measure.ts'
import { native } from '../__test__/helpers/binding.ts'
import { withProcess } from './process.ts'
import type { Report } from './results.ts'

export function signal(): Promise<Report> {
  return withProcess(async (pid) => {
    using target = KillTarget.fromPid(pid)
    const handle = native.open(pid, false) as number
    const rounds = await interleave({
      ours: () => target.signal(0),
      native: () => native.signal(handle, 0),
      theirs: () => process.kill(pid, 0),
    })
    native.close(handle)
    return {
      title: 'a signal to an open target',
      against: 'process.kill(pid, 0)',
      rows: [
        ratio({ what: 'target.signal(0)', unit: 'ns', ...rounds, target: 'at most 1.3' }),
        ratio({ what: 'of that, the native function', unit: 'ns', ours: rounds.native, theirs: rounds.theirs }),
      ],
    }
  })
}
