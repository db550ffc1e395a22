import { PORTABLE } from './scripts/portable.mjs'
import { typescript } from './scripts/typescript/flags.mjs'

const isLinux = process.platform === 'linux'

export default {
  files: isLinux
    ? ['__test__/**/*.spec.ts', '!__test__/package/**']
    : PORTABLE.map((name) => `__test__/${name}.spec.ts`),
  extensions: { ts: 'module' },
  nodeArguments: [...typescript, '--expose-gc'],
  workerThreads: false,
  timeout: '3m',
}
