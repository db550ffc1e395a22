import { placeOf, standardLibrary, wayTo } from './build.mjs'
import { STATIC } from './platforms.mjs'
import { prebuiltFor } from './prebuilt.mjs'

/** Windows has no shells and no signals for the other tests. */
const targetsFor = (platform) => (platform.startsWith('win32') ? ['--lib'] : ['--lib', '--tests'])

/**
 * The command that builds the Rust tests for a platform and runs them, with the tools of `prepareTools()`. These are the tests
 * of the core, because a machine that runs a program need not have a Node.
 *
 * @param {{ isStatic?: boolean, runner?: string[], env?: Record<string, string> }} machine `isStatic`: the programs hold the
 *   C library. `runner`: the command that runs them there.
 */
export function testCommandFor(platform, tools, { isStatic = false, runner, env: environment }) {
  const { cargo, target, specifier, flags: usual } = wayTo(platform)
  const flags = isStatic ? [...usual, ...STATIC] : usual
  const compiler = prebuiltFor(target)
  // Debug information is most of what the linker would have to write.
  const env = { ...tools, RUSTFLAGS: flags.join(' '), CARGO_PROFILE_DEV_DEBUG: 'false', ...environment }
  if (runner) env[`CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_RUNNER`] = runner.join(' ')
  if (compiler !== undefined) env.RUSTC = compiler
  const library = compiler === undefined ? standardLibrary('test') : []
  const place = [...library, '--target-dir', placeOf(platform), '--target', specifier]
  return { command: [cargo, 'test', '--quiet', '--package', 'killtarget', ...targetsFor(platform), ...place], env }
}
