// npm run build:tests: builds what the tests run besides the package: other runtimes, an addon that can panic, older kernels, and
// a guard that pauses.
import { copyFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { GUARD } from './build-guard.mjs'
import { prepareBy, root } from './run.mjs'
import { installRuntimes } from './runtimes.mjs'

/** What cargo builds for tests. */
export const DEBUG = ['--workspace', '--features', `test-hooks,${GUARD}/test-pauses`]

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildTests()

/**
 * Builds it, and the package. A release build keeps one processor busy at its end, and a download none: `meanwhile` runs
 * beside them, after the debug builds.
 */
export async function buildTests(meanwhile = async () => {}) {
  await Promise.all([installRuntimes(), prepareBy('npm', ['run', '--silent', 'build']), buildDebug().then(meanwhile)])
}

async function buildDebug() {
  // All by one command, with the features of the Rust tests: so no crate is compiled a second time, for other features.
  const programs = process.platform === 'linux' ? ['--bins', '--example', 'old-kernel'] : []
  await prepareBy('cargo', ['build', '--quiet', ...DEBUG, '--lib', ...programs])
  // The published addon has no function that panics.
  const [prefix, suffix] = { darwin: ['lib', 'dylib'], win32: ['', 'dll'] }[process.platform] ?? ['lib', 'so']
  copyFileSync(`${root}target/debug/${prefix}killtarget_node.${suffix}`, `${root}target/test-hooks.node`)
  if (process.platform === 'linux') copyFileSync(`${root}target/debug/${GUARD}`, `${root}target/test-pauses-guard`)
}
