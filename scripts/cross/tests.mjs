import { spawnSync } from 'node:child_process'
import { fail, root } from '../run.mjs'
import { placeOf, standardLibrary, wayTo } from './build.mjs'

/** The core's: a machine that runs a program need not have a Node. */
const TESTS = ['test', '--quiet', '--no-run', '--package', 'killtarget', '--message-format', 'json-render-diagnostics']

/** Windows has no shells and no signals for the others: those beside the code are what there is to run. */
const portable = (platform) => (platform.startsWith('win32') ? ['--lib'] : [])

/**
 * Builds Rust's tests for a platform, with the tools of `prepareTools()`.
 *
 * @param {boolean} isStatic whether they have the C library in them, where there is none to be had
 * @returns {{ name: string, path: string }[]} the programs
 */
export function buildTestsFor(platform, tools, isStatic = false) {
  const { cargo, specifier, flags: usual } = wayTo(platform)
  const flags = isStatic ? [...usual, '-Ctarget-feature=+crt-static', '-Clink-self-contained=no'] : usual
  // Without what a debugger needs, which is most of what there would be to write.
  const env = { ...process.env, ...tools, RUSTFLAGS: flags.join(' '), CARGO_PROFILE_DEV_DEBUG: 'false' }
  const build = [...standardLibrary('test'), '--target-dir', placeOf(platform), '--target', specifier]
  const args = [...TESTS, ...portable(platform), ...build]
  const options = { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 }
  const { stdout, status, error } = spawnSync(cargo, args, options)
  if (error) fail(`${cargo}: ${error.message}`)
  if (status !== 0) fail(`The tests for ${platform} can't be built.`)
  const built = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  return built
    .filter(({ profile, executable }) => profile?.test && executable)
    .map(({ target, executable }) => ({ name: target.src_path.replace(root, ''), path: executable }))
}
