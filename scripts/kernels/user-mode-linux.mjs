import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { cached } from './cache.mjs'
import { download } from './debian.mjs'

/** The kernels of newer suites want a newer C library than this system's, so each comes with its own. */
const PACKAGES = ['user-mode-linux', 'libc6']

/** Returns the files of a suite's user-mode Linux. Downloads them if they are not in the cache. */
export async function userModeLinux(suite) {
  const folder = await cached(`linux-${suite}`, async (unfinished) => {
    const packages = `${unfinished}/packages`
    mkdirSync(packages, { recursive: true })
    await download(suite, PACKAGES, packages)
    for (const file of readdirSync(packages)) await execa('dpkg-deb', ['--extract', `${packages}/${file}`, unfinished])
    rmSync(packages, { recursive: true })
  })
  const modules = `${folder}/usr/lib/uml/modules/`
  const [version] = readdirSync(modules)
  return {
    version,
    program: `${folder}/usr/bin/linux.uml`,
    modules: `${modules}${version}/kernel/`,
    // Since trixie /lib is a link that the package itself does not contain.
    libraries: ['lib', 'usr/lib'].map((part) => `${folder}/${part}/x86_64-linux-gnu`).find(existsSync),
  }
}

/** Returns the library to preload into user-mode Linux. */
export function preloaded() {
  const source = fileURLToPath(new URL('extended-state.c', import.meta.url))
  return cached('extended-state.so', (file) => execa('cc', ['-shared', '-fPIC', '-O2', '-Wall', '-o', file, source]))
}
