import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'
import { ROOT } from './repository.ts'

const DOCS = join(ROOT, 'docs')

/** All pages of docs/, in the order of the sidebar. */
const GROUPS: Record<string, string[]> = {
  'By task': ['recipes', 'migration', 'tree-kill'],
  Guides: ['terminate', 'tree', 'contain', 'exit-with-host', 'exit', 'identity'],
  'Where it runs': ['platforms', 'windows', 'deno', 'electron', 'bundlers'],
  Reference: ['api', 'command'],
}

/** Returns the sidebar. Throws if the list and docs/ do not have the same pages. */
export function sidebar(): DefaultTheme.SidebarItem[] {
  checkPages()
  return Object.entries(GROUPS).map(([text, pages]) => ({
    text,
    items: pages.map((page) => ({ text: titleOf(page), link: `/${page}` })),
  }))
}

function checkPages(): void {
  const listed = Object.values(GROUPS).flat()
  const existing = readdirSync(DOCS)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length))
  const missing = existing.filter((page) => !listed.includes(page))
  const absent = listed.filter((page) => !existing.includes(page))
  if (missing.length > 0)
    throw new Error(`Add to the sidebar in site/.vitepress/config/pages.ts: ${missing.join(', ')}`)
  if (absent.length > 0) throw new Error(`The sidebar lists pages that docs/ does not have: ${absent.join(', ')}`)
}

/** Returns the heading of a page up to its colon. */
function titleOf(page: string): string {
  const [, title] = /^# ([^:\n]+)/m.exec(readFileSync(join(DOCS, `${page}.md`), 'utf8')) ?? []
  if (title === undefined) throw new Error(`docs/${page}.md has no heading of level 1.`)
  return title.replaceAll('`', '')
}
