import { chmodSync, copyFileSync } from 'node:fs'
import { guardFileOf, guardNameOf } from '../cross/guard.mjs'
import { platforms } from '../cross/platforms.mjs'

/**
 * Copies the guards from a folder with the files of `npm run cross` into the packages of a folder `npm`. Throws if one is
 * missing. `napi artifacts` knows only the `.node` files.
 */
export function placeGuards(artifacts, packages) {
  for (const platform of Object.keys(platforms)) {
    placeGuard(`${artifacts}/${guardNameOf(platform)}`, `${packages}/${platform}/${guardFileOf(platform)}`)
  }
}

/** Copies a guard to its place in a package. Artifact stores lose the bits that make it a program. */
export function placeGuard(file, place) {
  copyFileSync(file, place)
  chmodSync(place, 0o755)
}
