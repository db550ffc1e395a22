import { fileURLToPath } from 'node:url'

export const REPOSITORY = 'https://github.com/killtarget/killtarget'

/** The path of the site on GitHub Pages. */
export const BASE = '/killtarget/'

/** The root of the repository on this machine. It ends with a slash. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
