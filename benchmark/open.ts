import { KillTarget } from 'killtarget'
import { ratio } from './compare.ts'
import { interleave } from './measure.ts'
import { native as binding } from '../__test__/helpers/binding.ts'
import { withProcess } from './process.ts'
import type { Report, Row } from './results.ts'

/**
 * Measures opening, signalling and closing together. Linux creates the inode of a process's pidfds when the first is opened,
 * and drops it when the last is closed. Without another open pidfd, each turn pays for that, too.
 */
export function open(): Promise<Report> {
  return withProcess(async (pid) => {
    const alone = await measure(pid)
    const other = KillTarget.fromPid(pid)
    const shared = await measure(pid)
    other.close()
    return {
      title: 'fromPid, signal(0), close',
      against: 'process.kill(pid, 0)',
      rows: [...rows('another target is open', shared), ...rows('no other target is open', alone)],
    }
  })
}

function measure(pid: number) {
  return interleave({
    ours: () => {
      const target = KillTarget.fromPid(pid)
      target.signal(0)
      target.close()
    },
    native: () => {
      const handle = binding.open(pid, false) as number
      binding.signal(handle, 0)
      binding.close(handle)
    },
    theirs: () => process.kill(pid, 0),
  })
}

function rows(what: string, { ours, native, theirs }: Awaited<ReturnType<typeof measure>>): Row[] {
  return [
    ratio({ what, unit: 'ns', ours, theirs, target: 'at most 4.5' }),
    ratio({ what: 'of that, the native functions', unit: 'ns', ours: native, theirs }),
  ]
}
