import { copyFileSync, mkdirSync } from 'node:fs'
import { root, run } from '../run.mjs'
import { libraryOf, platforms } from './platforms.mjs'

/** Where the binaries are put. */
export const folder = `${root}target/cross/`

/** Where the binary for a platform is. */
export const binaryOf = (platform) => `${folder}killtarget.${platform}.node`

/**
 * Less is inlined than by default: it is a tenth smaller, and what takes the time are the calls of the system. Of the
 * standard library the part is left out that prints where a panic was: a fifth of all, for what is never printed.
 */
const FLAGS = ['-Cllvm-args=-inline-threshold=75']
const STANDARD_LIBRARY = ['-Zbuild-std=std,panic_unwind', '-Zbuild-std-features=']

/** The release build for a platform, with the tools of {@link prepareTools}. */
export async function buildFor(platform, tools) {
  const { target, glibc, flags = [] } = platforms[platform]
  const specifier = glibc === undefined ? target : `${target}.${glibc}`
  const args = [
    'zigbuild',
    '--quiet',
    '--release',
    '--lib',
    '--target',
    specifier,
    '--target-dir',
    `${root}target/cross`,
  ]
  // Encoded, as what cargo reads the plain one for has no spaces.
  const encoded = [...FLAGS, ...flags].join('\u001f')
  await run('cargo', [...args, ...STANDARD_LIBRARY], {
    log: true,
    env: { ...tools, CARGO_ENCODED_RUSTFLAGS: encoded },
  })
  mkdirSync(folder, { recursive: true })
  copyFileSync(`${folder}${target}/release/${libraryOf(target)}`, binaryOf(platform))
}
