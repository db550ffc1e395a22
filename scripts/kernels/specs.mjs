import { readdirSync } from 'node:fs'
import { root } from '../run.mjs'

const FOLDER = '__test__/'

/** These folders are about the package's files. */
const OTHER_FOLDERS = ['package/', 'source/']

/** The specs that need no run on every kernel, by the reason. A spec runs if it is not named here. */
const EXCEPT = {
  'arguments, tables and files are the same on every kernel': [
    'api/arguments',
    'api/arguments-any',
    'api/loader',
    'api/panic',
    'api/signal-table',
    'terminate/options',
  ],
  'other specs test the same calls, and test more': ['api/everywhere', 'api/examples', 'api/tree-kill'],
  'the runtime makes the difference, not the kernel': ['api/runtimes', 'exited/runtimes', 'terminate/runtimes'],
}

/** The same for real kernels. A process costs more there, as user-mode Linux has only one processor. */
const EXCEPT_ON_REAL = {
  'thousands of processes take minutes': ['tree/load'],
}

/** How long the tests of races run, unless the environment says so. They run longer on this machine's kernel. */
export const LENGTHS = {
  KILLTARGET_TEST_EXITS: 100,
  KILLTARGET_TEST_GROUPS: 4,
  KILLTARGET_TEST_OPENS: 10_000,
  KILLTARGET_TEST_ROUNDS: 30,
  KILLTARGET_TEST_TREES: 2,
  KILLTARGET_TEST_WORKERS: 16,
}

/** Returns the paths of the specs to run on a kernel, real or simulated. */
export function specs(isReal) {
  const reasons = isReal ? [EXCEPT, EXCEPT_ON_REAL] : [EXCEPT]
  const except = new Set(reasons.flatMap((reason) => Object.values(reason).flat()))
  return readdirSync(`${root}${FOLDER}`, { recursive: true })
    .filter((file) => file.endsWith('.spec.ts') && !except.has(file.replace('.spec.ts', '')))
    .filter((file) => !OTHER_FOLDERS.some((folder) => file.startsWith(folder)))
    .map((file) => `${FOLDER}${file}`)
}
