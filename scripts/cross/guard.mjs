import { aptInstall } from '../apt.mjs'
import { buildGuardAs, GUARD, guardFileFor } from '../build-guard.mjs'
import { crossFolder, MACOS, placeOf, standardLibrary, wayTo } from './build.mjs'
import { platforms, STATIC } from './platforms.mjs'
import { prebuiltFor } from './prebuilt.mjs'
import { output } from './tools.mjs'

/** The file name of the guard in the package for a platform. */
export const guardFileOf = (platform) => guardFileFor(platform.split('-')[0])

/** The file name of the guard for a platform. Both C libraries have the same. */
export const guardNameOf = (platform) => `${GUARD}.${platform.split('-', 2).join('-')}`

/** The path of the guard for a platform. */
export const guardOf = (platform) => `${crossFolder}${guardNameOf(platform)}`

/** GNU's linkers, by processor, and Debian's packages that have them. */
const LINKERS = {
  x64: { linker: 'x86_64-linux-gnu-ld', debian: 'binutils-x86-64-linux-gnu' },
  arm64: { linker: 'aarch64-linux-gnu-ld', debian: 'binutils-aarch64-linux-gnu' },
}

/**
 * Builds the guard for a platform, with the tools of `prepareTools()`.
 *
 * With the standard library as it is published, lld keeps all that prints a panic, 260 KB, and GNU's linker does not. Without
 * that linker zig links, and the standard library is built for it, which takes a minute.
 */
export async function buildGuardFor(platform, tools) {
  if (!platform.startsWith('linux')) return buildGuardElsewhere(platform, tools)
  const { target } = platforms[platform.replace('gnu', 'musl')]
  const way = { target, place: placeOf(platform), file: guardOf(platform) }
  const compiler = prebuiltFor(target)
  const linker = compiler && (await findLinker(LINKERS[platform.split('-')[1]]))
  if (linker !== undefined) {
    const flags = [`-Clinker=${linker}`, '-Clinker-flavor=ld', '-Clink-self-contained=yes']
    return buildGuardAs({ ...way, flags, compiler })
  }
  const options = standardLibrary('panic_abort')
  return buildGuardAs({ ...way, cargo: 'cargo-zigbuild', flags: STATIC, options, compiler: tools.RUSTC, env: tools })
}

/**
 * Outside Linux a program needs the libraries of the system, and zig links it as it links the binary. It has the same standard
 * library as that, which takes a minute to build.
 */
async function buildGuardElsewhere(platform, tools) {
  const { cargo, target, flags, strip } = wayTo(platform)
  const way = { cargo, target, flags, place: placeOf(platform), file: guardOf(platform), compiler: tools.RUSTC }
  const env = { ...tools, CARGO_PROFILE_RELEASE_STRIP: strip, MACOSX_DEPLOYMENT_TARGET: MACOS }
  return buildGuardAs({ ...way, profile: 'release', options: standardLibrary(), env })
}

async function findLinker({ linker, debian }) {
  const isThere = () => output(linker, ['--version']) !== undefined
  if (!isThere()) await aptInstall([debian])
  return isThere() ? linker : undefined
}
