// Runs before every other script: installs the dev dependencies in a fresh or stale clone. It imports only what Node has.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modified = (file) => statSync(`${root}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or later is needed, this is ${process.version}.`)
if (spawnSync('cargo', ['--version'], { cwd: root }).status !== 0) {
  fail('There is no Rust toolchain: install rustup, or Rust with cargo on the PATH, then try again.')
}
if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  // Standard output is for results.
  const options = { cwd: root, stdio: ['inherit', process.stderr.fd, 'inherit'], shell: process.platform === 'win32' }
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], options)
  process.exitCode = status ?? 1
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
