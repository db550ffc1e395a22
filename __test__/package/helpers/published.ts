import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { guardFileOf } from '../../../scripts/cross/guard.mjs'
import type { Packed } from '../../../scripts/packages/pack.mjs'
import { type Registry, serve } from './registry.ts'

/** Everything that is published, as `scripts/packages/stage.mjs` packs it. */
export interface Published {
  main: Packed
  /** One for each platform. */
  platforms: Packed[]
  treeKill: Packed
}

const folder = new URL('../../../target/packages/', import.meta.url)
const list = new URL('published.json', folder)

if (!existsSync(list)) throw new Error('The packages are not packed: run `npm run cross`, then `npm run packages`')

export const published = JSON.parse(readFileSync(list, 'utf8')) as Published

/** The binary that the package for a platform holds. */
export function binaryOf(platform: string): string {
  return fileURLToPath(new URL(`stage/npm/${platform}/killtarget.${platform}.node`, folder))
}

/** The guard that the package for a platform holds. */
export function guardOf(platform: string): string {
  return fileURLToPath(new URL(`stage/npm/${platform}/${guardFileOf(platform)}`, folder))
}

/** The package for a platform. */
export function packageFor(platform: string): Packed {
  return published.platforms.find(({ manifest }) => manifest.name === `killtarget-${platform}`)!
}

/** Serves all that is published, and these. */
export function servePublished(others: readonly Packed[] = []): Promise<Registry> {
  const { main, platforms, treeKill } = published
  return serve([main, ...platforms, treeKill, ...others])
}
