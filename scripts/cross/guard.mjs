import { buildGuardAs, GUARD } from '../build-guard.mjs'
import { crossFolder, placeOf, standardLibrary } from './build.mjs'
import { platforms, STATIC } from './platforms.mjs'

/** Whether the package for a platform holds a guard. */
export const hasGuard = (platform) => platform.startsWith('linux')

/** The file name of the guard for a platform. Both C libraries have the same. */
export const guardNameOf = (platform) => `${GUARD}.${platform.split('-', 2).join('-')}`

/** The path of the guard for a platform. */
export const guardOf = (platform) => `${crossFolder}${guardNameOf(platform)}`

/** Builds the guard for a platform, with the tools of `prepareTools()`. */
export function buildGuardFor(platform, tools) {
  const { target } = platforms[platform.replace('gnu', 'musl')]
  return buildGuardAs({
    cargo: 'cargo-zigbuild',
    target,
    flags: STATIC,
    options: standardLibrary('panic_abort'),
    compiler: tools.RUSTC,
    env: tools,
    place: placeOf(platform),
    file: guardOf(platform),
  })
}
