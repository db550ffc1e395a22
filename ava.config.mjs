import { availableParallelism } from 'node:os'
import { PORTABLE } from './scripts/portable.mjs'
import { typescript } from './scripts/typescript/flags.mjs'

const isLinux = process.platform === 'linux'

/** These take longest. They start first, so that none of them runs alone at the end. The second one mostly waits. */
const SLOW = [
  'tree/hostile',
  'tree/proc',
  'terminate/failing-calls',
  'exited/runtimes',
  'tree/load',
  'contain/survivors',
  'terminate/fork-bomb',
  'api/odd-values',
  'api/tree-kill-own',
  'contain/terminal',
  'cli/hosts',
  'api/everywhere',
]
const rank = (file) => SLOW.findIndex((name) => file.endsWith(`/${name}.spec.ts`)) + 1 || Infinity

export default {
  files: isLinux
    ? ['__test__/**/*.spec.ts', '!__test__/package/**']
    : PORTABLE.map((name) => `__test__/${name}.spec.ts`),
  extensions: { ts: 'module' },
  nodeArguments: [...typescript, '--expose-gc'],
  workerThreads: false,
  // Most tests wait for processes.
  concurrency: Math.ceil(1.5 * availableParallelism()),
  timeout: '3m',
  sortTestFiles: (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
}
