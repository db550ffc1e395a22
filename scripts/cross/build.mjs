import { copyFileSync } from 'node:fs'
import { prepareBy, root } from '../run.mjs'
import { libraryOf, platforms } from './platforms.mjs'

/** Where the binaries are put. */
const folder = `${root}target/cross/`

/** Where a platform is built: for each processor in a place of its own, as cargo builds one thing in a place at a time. */
export const placeOf = (platform) => `${folder}${platform.split('-')[1]}/`

/** Where the binary for a platform is. */
export const binaryOf = (platform) => `${folder}killtarget.${platform}.node`

const LIBRARY = ['rustc', '--quiet', '--release', '--lib']

/** Without the part that prints where a panic was: a fifth of all, for what is never printed. */
export const standardLibrary = (...more) => [
  `-Zbuild-std=${['std', 'panic_unwind', ...more].join(',')}`,
  '-Zbuild-std-features=',
]

/** The oldest macOS that the oldest Node runs on. */
const MACOS = '11.0'

/** The release build for a platform, with the tools of `prepareTools()`. */
export async function buildFor(platform, tools) {
  const { cargo, target, specifier, flags, strip } = wayTo(platform)
  const options = { RUSTFLAGS: flags.join(' '), CARGO_PROFILE_RELEASE_STRIP: strip, MACOSX_DEPLOYMENT_TARGET: MACOS }
  const env = { ...tools, ...options }
  const place = placeOf(platform)
  const command = [...LIBRARY, ...standardLibrary(), '--target-dir', place, '--target', specifier]
  await prepareBy(cargo, command, { env })
  copyFileSync(`${place}${target}/release/${libraryOf(target)}`, binaryOf(platform))
}

/** Zig links, but on Windows for Windows. */
export function wayTo(platform) {
  const { target, glibc, flags = [], strip = 'symbols', native } = platforms[platform]
  if (process.platform === 'win32' && native !== undefined) {
    return { cargo: 'cargo', target: native, specifier: native, flags: ['-Ctarget-feature=+crt-static'], strip }
  }
  const specifier = glibc === undefined ? target : `${target}.${glibc}`
  return { cargo: 'cargo-zigbuild', target, specifier, flags, strip }
}
