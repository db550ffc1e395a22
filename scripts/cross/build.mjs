import { copyFileSync } from 'node:fs'
import { root, run } from '../run.mjs'
import { libraryOf, platforms } from './platforms.mjs'

/** Where all is built, and the binaries are put. */
const folder = `${root}target/cross/`

/** Where the binary for a platform is. */
export const binaryOf = (platform) => `${folder}killtarget.${platform}.node`

/** Of one kind of library only, as cargo optimizes no others as a whole: they are twice as large. */
const LIBRARY = ['rustc', '--quiet', '--release', '--lib', '--crate-type', 'cdylib', '--target-dir', folder]

/** Without the part that prints where a panic was: a fifth of all, for what is never printed. */
const STANDARD_LIBRARY = ['-Zbuild-std=std,panic_unwind', '-Zbuild-std-features=']

/** The oldest macOS that the oldest Node runs on. */
const MACOS = '11.0'

/** The release build for a platform, with the tools of `prepareTools()`. */
export async function buildFor(platform, tools) {
  const { target, glibc, flags = [], strip = 'symbols' } = platforms[platform]
  const specifier = glibc === undefined ? target : `${target}.${glibc}`
  const options = { RUSTFLAGS: flags.join(' '), CARGO_PROFILE_RELEASE_STRIP: strip, MACOSX_DEPLOYMENT_TARGET: MACOS }
  await run('cargo-zigbuild', [...LIBRARY, ...STANDARD_LIBRARY, '--target', specifier], {
    log: true,
    env: { ...tools, ...options },
  })
  copyFileSync(`${folder}${target}/release/${libraryOf(target)}`, binaryOf(platform))
}
