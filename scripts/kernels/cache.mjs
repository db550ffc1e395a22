import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { root } from '../run.mjs'

/** The folder of all that the real kernels need. If it is removed, the next run gets the newest packages. */
export const cache = `${root}target/kernels/`

/** Returns the path of a file or folder of the cache. Makes it first if it is not there. */
export async function cached(name, make) {
  const path = `${cache}${name}`
  if (!existsSync(path)) await replace(name, make)
  return path
}

/** Makes a file or folder of the cache anew. A reader finds the old one until the new one is complete. */
export async function replace(name, make) {
  const unfinished = `${cache}${name}.unfinished`
  mkdirSync(cache, { recursive: true })
  rmSync(unfinished, { recursive: true, force: true })
  await make(unfinished)
  renameSync(unfinished, `${cache}${name}`)
}
