/** What keeps the processes of a contained launch together: see `ContainOptions`. */
export type Isolation = 'reaper' | 'pid-namespace' | 'job' | 'session'

// Apart from the check of the option: that loads `node:util`, which opens standard error, and `killtarget run` must not.
const OF_OTHERS: ReadonlyMap<string, readonly [Isolation, ...Isolation[]]> = new Map([
  ['win32', ['job']],
  ['darwin', ['session']],
])

const OF_LINUX = ['reaper', 'pid-namespace'] as const

/** Returns what this system has. The first is the default. */
export function availableIsolations(): readonly [Isolation, ...Isolation[]] {
  return OF_OTHERS.get(process.platform) ?? OF_LINUX
}
