import { execa } from 'execa'
import { aptInstall } from '../apt.mjs'
import { root } from '../run.mjs'
import { findMirror } from './debian.mjs'
import { makePackageImage } from './package-image.mjs'
import { rootImage } from './root-image.mjs'
import { preloaded, userModeLinux } from './user-mode-linux.mjs'

/** Programs, each with its package. */
const TOOLS = { debootstrap: 'debootstrap', 'mkfs.ext4': 'e2fsprogs', cc: 'gcc', unshare: 'util-linux' }

/** Returns why no real kernel runs here. `undefined`: they do. */
export async function obstacle() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'user-mode Linux needs Linux on an x64 processor'
  if (process.geteuid() !== 0) return 'only root can make the disks and namespaces'
  if ((await findMirror()) === undefined) return 'apt has no mirror of Debian'
  return undefined
}

/**
 * Gets all that real kernels need, and copies the package, with these programs, to a disk image.
 *
 * Returns the kernels that cannot be had, by name, with the reason.
 */
export async function prepareReal(kernels, programs) {
  await installTools()
  const missing = new Map()
  const get = async ([name, { suite }]) => {
    const linux = await userModeLinux(suite).catch((error) => {
      // Anything else, as a mirror that is down, must not look like a pass.
      if (!/does not have a Release file/.test(error.stderr)) throw error
      missing.set(name, `the mirror has no suite ${suite}`)
    })
    if (linux && !linux.version.startsWith(`${name}.`)) {
      throw new Error(`${suite} has Linux ${linux.version} now, not ${name}: change scripts/kernels/list.mjs.`)
    }
    return linux
  }
  const [linuxes] = await Promise.all([Promise.all(kernels.map(get)), rootImage(), preloaded()])
  await makePackageImage(
    [...programs, `${root}target/test-hooks.node`, `${root}target/test-pauses-guard`],
    linuxes.filter(Boolean),
  )
  return missing
}

async function installTools() {
  const found = await Promise.all(
    Object.keys(TOOLS).map((program) => execa('which', [program], { reject: false, stdout: 'ignore' })),
  )
  const packages = Object.values(TOOLS).filter((_, index) => found[index].failed)
  if (packages.length > 0) await aptInstall(packages)
}
