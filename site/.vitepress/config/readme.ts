import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { ROOT } from './repository.ts'

const README = join(ROOT, 'README.md')

/** Replaces a comment such as `<!-- README: Install -->` by that section of the README. */
export function insertReadme(md: MarkdownRenderer): void {
  md.core.ruler.before('normalize', 'readme', (state) => {
    state.src = state.src.replaceAll(/^<!-- README: (.+) -->$/gm, (_, heading: string) => {
      // The development server then renders the page again when the README changes.
      state.env.includes?.push(README)
      return sectionOf(heading)
    })
  })
}

function sectionOf(heading: string): string {
  const section = readFileSync(README, 'utf8')
    .split(/^(?=## )/m)
    .find((each) => each.startsWith(`## ${heading}\n`))
  if (section === undefined) throw new Error(`README.md has no section "${heading}".`)
  return section
}
