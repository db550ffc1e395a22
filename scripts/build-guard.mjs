import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { platforms } from './cross/platforms.mjs'
import { prebuiltFor } from './cross/prebuilt.mjs'
import { remapFlags } from './remap-paths.mjs'
import { prepareBy, root } from './run.mjs'

/** The name of the program for contained launch. */
export const GUARD = 'killtarget-guard'

/** The file name of the program for a system. */
export const guardFileFor = (os) => (os === 'win32' ? `${GUARD}.exe` : GUARD)

/** Builds the guard for this machine. */
export async function buildGuard() {
  const file = `${root}${guardFileFor(process.platform)}`
  await buildGuardAs({ ...wayToBuild(), place: `${root}target/guard/`, file })
}

/**
 * Builds the guard as `file`. For Linux it is static, so that it is small in memory and one file serves every C library.
 *
 * @param {{ target: string, place: string, file: string, cargo?: string, flags?: string[], options?: string[],
 *   compiler?: string, env?: Record<string, string>, profile?: string }} way `place`: the target directory. `flags` are
 *   rustc's, `options` cargo's.
 */
export async function buildGuardAs({ target, place, file, cargo = 'cargo', profile = 'guard', ...way }) {
  const { flags = [], options = [], compiler, env } = way
  const rustflags = [...flags, ...remapFlags(compiler)].join(' ')
  const command = ['build', '--quiet', '--package', GUARD, '--profile', profile, '--target', target, ...options]
  await prepareBy(cargo, [...command, '--target-dir', place], {
    env: { ...env, RUSTFLAGS: rustflags, ...(compiler && { RUSTC: compiler }) },
  })
  const built = guardFileFor(target.includes('windows') ? 'win32' : 'linux')
  renameSync(`${place}${target}/${profile}/${built}`, file)
}

/** On Linux, musl makes the smallest program. Without rustup its standard library may be missing, and glibc has to do. */
function wayToBuild() {
  const musl = platforms[`linux-${process.arch}-musl`]?.target
  const compiler = process.platform === 'linux' ? prebuiltFor(musl) : undefined
  if (compiler !== undefined) return { target: musl, compiler }
  const [, host] = /^host: (.+)$/m.exec(execFileSync('rustc', ['-vV'], { cwd: root, encoding: 'utf8' }))
  return { target: host, flags: ['-Ctarget-feature=+crt-static'] }
}
