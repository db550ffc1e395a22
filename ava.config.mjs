import { typescript } from './scripts/typescript/flags.mjs'

export default {
  files: ['__test__/**/*.spec.ts'],
  extensions: { ts: 'module' },
  nodeArguments: [...typescript, '--expose-gc'],
  workerThreads: false,
  timeout: '3m',
}
