import { rmSync } from 'node:fs'
import { execa } from 'execa'
import { cached } from './cache.mjs'
import { findMirror, hostSuite, KEYRING } from './debian.mjs'
import { makeImage } from './image.mjs'

/** The programs that tests start and a minimal Debian lacks. */
const PACKAGES = ['e2fsprogs', 'gcc', 'iproute2', 'kmod', 'libc6-dev', 'procps']

/** Returns a disk image of a minimal Debian of this system's suite: programs that were built here run there. */
export function rootImage() {
  const suite = hostSuite()
  return cached(`root-${suite}.ext4`, async (image) => {
    const folder = `${image}.folder`
    rmSync(folder, { recursive: true, force: true })
    const options = ['--variant=minbase', `--keyring=${KEYRING}`, `--include=${PACKAGES.join()}`]
    await execa('debootstrap', [...options, suite, folder, await findMirror()])
    for (const part of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale']) {
      rmSync(`${folder}/${part}`, { recursive: true, force: true })
    }
    await makeImage(folder, image, 512)
    rmSync(folder, { recursive: true })
  })
}
