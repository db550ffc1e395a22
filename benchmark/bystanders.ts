import { inNamespace, noPidNamespace } from '../__test__/helpers/namespace.ts'
import { difference } from './compare.ts'
import { crowd } from './crowd.ts'
import type { Row } from './results.ts'

const BYSTANDERS = 3000
/** For each, in turn, as a process of pid 1 or of one's ancestors can't be started or ended by oneself. */
const BLOCKS = 2

/** What processes cost that have nothing to do with a tree of 10. In PID namespaces, so that all end with those. */
export async function bystanders(): Promise<Row[]> {
  if (noPidNamespace !== null) return []
  const shell = ['sh', '-c', '"$@"; exit $?', 'sh']
  return [
    await row('children of pid 1', crowd),
    await row('children of an ancestor', (count) => [...shell, ...crowd(count)]),
  ]
}

/** The first program of the launcher is pid 1. */
async function row(whose: string, launcher: (count: number) => string[]): Promise<Row> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  const run = (count: number) => {
    const unshare = ['--pid', '--fork', '--mount-proc', ...launcher(count)]
    return inNamespace<number[]>('../../benchmark/programs/bystanders.ts', { unshare })
  }
  for (let block = 0; block < BLOCKS; block++) {
    ours.push(...(await run(BYSTANDERS)))
    theirs.push(...(await run(0)))
  }
  const what = `10 processes, and ${BYSTANDERS.toLocaleString('en')} ${whose}; none of these`
  return difference({ what, unit: 'ms', ours, theirs, target: 'at most 5 ms more' })
}
