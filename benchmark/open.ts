import { KillTarget } from 'killtarget'
import { ratio } from './compare.ts'
import { interleave } from './measure.ts'
import { native as binding } from '../__test__/helpers/binding.ts'
import { withProcess } from './process.ts'
import type { Report, Row } from './results.ts'

/**
 * Opens, signals and closes, each time anew. Linux makes the inode of a process's pidfds when the first of them is opened
 * and drops it with the last: on a process that nobody else holds, each turn pays for that, too.
 */
export function open(): Promise<Report> {
  return withProcess(async (pid) => {
    const first = await measure(pid)
    const holder = KillTarget.fromPid(pid)
    const second = await measure(pid)
    holder.close()
    return {
      title: 'fromPid, signal(0), close',
      against: 'process.kill(pid, 0)',
      rows: [...rows('the process is held already', second), ...rows('nobody holds it', first)],
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
      const slot = binding.open(pid, false) as number
      binding.signal(slot, 0)
      binding.close(slot)
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
