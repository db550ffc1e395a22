import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'
import { execa } from 'execa'
import { root } from '../run.mjs'
import { cache, replace } from './cache.mjs'
import { makeImage } from './image.mjs'

export const PACKAGE_IMAGE = `${cache}package.ext4`

/** What a test writes: compiled fixtures, temporary files. */
const FREE_MEBIBYTES = 512

/**
 * Makes a disk image of this package as it is, with its dependencies, the Node that runs this, and parts of `target`.
 *
 * @param {string[]} built files of `target`, by their paths
 * @param {{ version: string, modules: string }[]} kernels for which it has modules
 */
export function makePackageImage(built, kernels) {
  return replace('package.ext4', async (image) => {
    const folder = `${image}.folder/`
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(`${folder}target/guest`, { recursive: true })
    const parts = readdirSync(root).filter((part) => !['.git', 'target'].includes(part))
    await execa('cp', ['--archive', '--reflink=auto', `--target-directory=${folder}`, ...parts], { cwd: root })
    await transform(`${folder}__test__/`)
    copyFileSync(new URL('guest-hooks.mjs', import.meta.url), `${folder}scripts/typescript/hooks.mjs`)
    for (const file of built) cpSync(file, file.replace(root, folder))
    copyFileSync(process.execPath, `${folder}target/guest/node`)
    for (const { version, modules } of kernels) {
      mkdirSync(`${folder}target/guest/modules/${version}`, { recursive: true })
      copyFileSync(`${modules}drivers/block/loop.ko`, `${folder}target/guest/modules/${version}/loop.ko`)
    }
    await makeImage(folder, image, FREE_MEBIBYTES)
    rmSync(folder, { recursive: true })
  })
}

/** Turns TypeScript into JavaScript, in files of the same names: to start esbuild for each of them takes seconds there. */
async function transform(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.ts'))
  await build({
    absWorkingDir: folder,
    entryPoints: files,
    outdir: folder,
    outExtension: { '.js': '.ts' },
    allowOverwrite: true,
    sourcemap: 'inline',
    sourcesContent: false,
    target: 'node20.19',
    logLevel: 'error',
  })
}
