module.exports = {
  files: ['__test__/**/*.spec.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import', '@oxc-node/core/register', '--expose-gc', '--no-warnings'],
  workerThreads: false,
  timeout: '3m',
}
