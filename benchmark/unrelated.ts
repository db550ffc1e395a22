import { inNamespace, noPidNamespace } from '../__test__/helpers/namespace.ts'
import { difference } from './compare.ts'
import type { Row } from './results.ts'
import { subreaper } from './subreaper.ts'

const UNRELATED = 3000
/** Blocks of rounds with and without the unrelated processes: pid 1 and ancestors cannot be replaced between two rounds. */
const BLOCKS = 2

/** Measures what unrelated processes add to a tree of 10. All run in PID namespaces, so they exit with these. */
export async function unrelatedProcesses(): Promise<Row[]> {
  if (noPidNamespace !== null) return []
  const shell = ['sh', '-c', '"$@"; exit $?', 'sh']
  return [
    await row('children of pid 1', subreaper),
    await row('children of an ancestor', (count) => [...shell, ...subreaper(count)]),
  ]
}

/** The first program of the launcher is pid 1. */
async function row(relation: string, launcher: (count: number) => string[]): Promise<Row> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  const run = (count: number) => {
    const unshare = ['--pid', '--fork', '--mount-proc', ...launcher(count)]
    return inNamespace<number[]>('../../benchmark/programs/unrelated.ts', { unshare })
  }
  for (let block = 0; block < BLOCKS; block++) {
    ours.push(...(await run(UNRELATED)))
    theirs.push(...(await run(0)))
  }
  const what = `10 processes beside ${UNRELATED.toLocaleString('en')} ${relation}; without these`
  return difference({ what, unit: 'ms', ours, theirs, target: 'at most 5 ms more' })
}
