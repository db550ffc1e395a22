import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { platforms } from './cross/platforms.mjs'
import { prebuiltFor } from './cross/prebuilt.mjs'
import { remapFlags } from './remap-paths.mjs'
import { prepareBy, root } from './run.mjs'

const NAME = 'killtarget-guard'

/**
 * Builds the program for contained launch, for this machine. It is static, so that it is small in memory and one file serves
 * every C library.
 */
export async function buildGuard() {
  if (process.platform !== 'linux') return
  const { target, flags, compiler } = wayToBuild()
  const env = { RUSTFLAGS: [...flags, ...remapFlags(compiler)].join(' '), ...(compiler && { RUSTC: compiler }) }
  const place = 'target/guard'
  const command = ['build', '--quiet', '--package', NAME, '--profile', 'guard', '--target', target]
  await prepareBy('cargo', [...command, '--target-dir', place], { env })
  renameSync(`${root}${place}/${target}/guard/${NAME}`, `${root}${NAME}`)
}

/** musl makes the smallest program. Without rustup its standard library may be missing, and glibc has to do. */
function wayToBuild() {
  const { target } = platforms[`linux-${process.arch}-musl`]
  const compiler = prebuiltFor(target)
  if (compiler !== undefined) return { target, flags: [], compiler }
  const [, host] = /^host: (.+)$/m.exec(execFileSync('rustc', ['-vV'], { cwd: root, encoding: 'utf8' }))
  return { target: host, flags: ['-Ctarget-feature=+crt-static'] }
}
