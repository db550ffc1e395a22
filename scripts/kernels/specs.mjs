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
    'api/loads',
    'api/odd-values',
    'api/panic',
    'api/polluted',
    'api/signal-table',
    'contain/windows',
    'terminate/hostile-signals',
    'terminate/options',
  ],
  'other specs test the same calls, and test more': ['api/everywhere', 'api/examples', 'api/tree-kill'],
  'the limit counts the processes of one user on all kernels that run at once': ['terminate/fork-bomb'],
  'the runtime makes the difference, not the kernel': [
    'api/runtimes',
    'exited/runtimes',
    'terminate/end-runtimes',
    'terminate/runtimes',
  ],
  "the calls that fail are those of this machine's kernel": ['terminate/failing-calls'],
}

/** Thousands of processes take minutes in user-mode Linux, which has only one processor. */
const NOT_ON_REAL = ['tree/load']

/** Where a real kernel with the same calls runs, too, a simulated one runs only these. The real one cannot choose a pid. */
const ONLY_SIMULATED = ['reuse/group', 'reuse/process', 'reuse/sibling', 'reuse/tree', ...NOT_ON_REAL]

/** How long the tests of races run, unless the environment says so. They run longer on this machine's kernel. */
export const LENGTHS = {
  KILLTARGET_TEST_EXITS: 100,
  KILLTARGET_TEST_GROUPS: 4,
  KILLTARGET_TEST_OPENS: 10_000,
  KILLTARGET_TEST_ROUNDS: 30,
  KILLTARGET_TEST_TREES: 2,
  KILLTARGET_TEST_WORKERS: 8,
}

/**
 * Returns the paths of the specs to run on a kernel.
 *
 * @param {{ suite?: string, like?: string }} kernel
 * @param {Set<string>} names of all kernels of this run
 */
export function specs({ suite, like }, names) {
  if (names.has(like)) return ONLY_SIMULATED.map((name) => `${FOLDER}${name}.spec.ts`)
  const except = new Set([...Object.values(EXCEPT).flat(), ...(suite === undefined ? [] : NOT_ON_REAL)])
  return readdirSync(`${root}${FOLDER}`, { recursive: true })
    .filter((file) => file.endsWith('.spec.ts') && !except.has(file.replace('.spec.ts', '')))
    .filter((file) => !OTHER_FOLDERS.some((folder) => file.startsWith(folder)))
    .map((file) => `${FOLDER}${file}`)
}
