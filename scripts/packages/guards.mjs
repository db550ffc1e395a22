import { chmodSync, copyFileSync } from 'node:fs'
import { GUARD } from '../build-guard.mjs'
import { guardNameOf, hasGuard } from '../cross/guard.mjs'
import { platforms } from '../cross/platforms.mjs'

/**
 * Copies the guards from a folder with the files of `npm run cross` into the packages of a folder `npm`. Throws if one is
 * missing. `napi artifacts` knows only the `.node` files.
 */
export function placeGuards(artifacts, packages) {
  for (const platform of Object.keys(platforms).filter(hasGuard)) {
    placeGuard(`${artifacts}/${guardNameOf(platform)}`, `${packages}/${platform}`)
  }
}

/** Copies a guard into a package. Artifact stores lose the bits that make it a program. */
export function placeGuard(file, folder) {
  copyFileSync(file, `${folder}/${GUARD}`)
  chmodSync(`${folder}/${GUARD}`, 0o755)
}
