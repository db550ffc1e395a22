import { copyFileSync } from 'node:fs'
import { INLINE_SHORT } from '../inlining.mjs'
import { remapFlags } from '../remap-paths.mjs'
import { prepareBy, root } from '../run.mjs'
import { libraryOf, platforms } from './platforms.mjs'

export const crossFolder = `${root}target/cross/`

/** The target directory for a platform. Each processor has its own, because cargo locks the directory that it builds in. */
export const placeOf = (platform) => `${crossFolder}${platform.split('-')[1]}/`

/** The path of the binary for a platform. */
export const binaryOf = (platform) => `${crossFolder}killtarget.${platform}.node`

const LIBRARY = ['rustc', '--quiet', '--release', '--lib']

/** Leaves out the code that prints backtraces: a fifth of the binary, and nothing is ever printed. */
export const standardLibrary = (...more) => [
  `-Zbuild-std=${['std', 'panic_unwind', ...more].join(',')}`,
  '-Zbuild-std-features=',
]

/** The oldest macOS that runs Node 20. */
export const MACOS = '11.0'

/** Makes the release build for a platform, with the tools of `prepareTools()`. */
export async function buildFor(platform, tools) {
  const { cargo, target, specifier, flags, strip, ofLibrary } = wayTo(platform)
  const rustflags = [...flags, INLINE_SHORT, ...remapFlags(tools.RUSTC)].join(' ')
  const options = { RUSTFLAGS: rustflags, CARGO_PROFILE_RELEASE_STRIP: strip, MACOSX_DEPLOYMENT_TARGET: MACOS }
  const env = { ...tools, ...options }
  const place = placeOf(platform)
  const command = [...LIBRARY, ...standardLibrary(), '--target-dir', place, '--target', specifier, '--', ...ofLibrary]
  await prepareBy(cargo, command, { env })
  copyFileSync(`${place}${target}/release/${libraryOf(target)}`, binaryOf(platform))
}

/** How to build for a platform: zig links, except on Windows for Windows. */
export function wayTo(platform) {
  const { target, glibc, flags = [], ofLibrary = [], strip = 'symbols', native } = platforms[platform]
  if (process.platform === 'win32' && native !== undefined) {
    return {
      cargo: 'cargo',
      target: native,
      specifier: native,
      flags: ['-Ctarget-feature=+crt-static'],
      strip,
      ofLibrary,
    }
  }
  const specifier = glibc === undefined ? target : `${target}.${glibc}`
  return { cargo: 'cargo-zigbuild', target, specifier, flags, strip, ofLibrary }
}
