import { join } from 'node:path'
import type { Plugin } from 'vite'
import { ROOT } from './repository.ts'

/** Makes Vue come from site/node_modules. Vite looks for it in the root of the pages, which is the whole repository. */
export const resolveFromSite: Plugin = {
  name: 'resolve-from-site',
  enforce: 'pre',
  resolveId(id, _importer, options) {
    if (!/^vue(?:$|\/)/.test(id)) return null
    // The server's bundle is written to site/, and imports it from there.
    if (options.ssr) return { id, external: true }
    return this.resolve(id, join(ROOT, 'site/index.md'), { ...options, skipSelf: true })
  },
  configResolved({ optimizeDeps }) {
    // Vite would look for these in the root as well, and warn. It finds them when VitePress imports them.
    optimizeDeps.include = optimizeDeps.include?.filter((name) => !name.startsWith('vitepress >'))
  },
}
