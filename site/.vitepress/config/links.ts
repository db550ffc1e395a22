import { statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { REPOSITORY, ROOT } from './repository.ts'

const BLOB = `${REPOSITORY}/blob/main/`
const RAW = 'https://raw.githubusercontent.com/killtarget/killtarget/main/'

/**
 * Rewrites links that are written for GitHub. Those that leave docs/ lead to the repository. Those of the README, which are
 * absolute, lead to pages and images of the site.
 */
export function rewriteLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('repository-links', ({ tokens, env, inlineMode }) => {
    if (inlineMode) return
    // Without `realPath`, the page is rendered for the search.
    const folder = dirname(env.realPath ?? env.path)
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === 'link_open') token.attrSet('href', linkFrom(folder, token.attrGet('href') ?? ''))
      if (token.type === 'image') token.attrSet('src', imageFrom(folder, token.attrGet('src') ?? ''))
    }
  })
}

function linkFrom(folder: string, link: string): string {
  const [path = '', anchor] = link.split('#')
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (path.startsWith(`${BLOB}docs/`) && path.endsWith('.md')) return `/${path.slice(`${BLOB}docs/`.length)}${hash}`
  if (!path.startsWith('../')) return link
  const file = relative(ROOT, join(folder, path)).replaceAll('\\', '/')
  return `${REPOSITORY}/${kindOf(file, link)}/main/${file}${hash}`
}

/** Returns how GitHub calls it in an address. Throws if the repository does not have it. */
function kindOf(file: string, link: string): 'tree' | 'blob' {
  const stats = statSync(join(ROOT, file), { throwIfNoEntry: false })
  if (stats === undefined) throw new Error(`The link ${link} leads to ${file}, which the repository does not have.`)
  return stats.isDirectory() ? 'tree' : 'blob'
}

function imageFrom(folder: string, image: string): string {
  if (!image.startsWith(RAW)) return image
  return relative(folder, join(ROOT, image.slice(RAW.length))).replaceAll('\\', '/')
}
