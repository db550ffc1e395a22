import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Files } from './project.ts'

const root = new URL('../../../', import.meta.url)

/** These are JavaScript for other packages, whose own tests run them. */
const RECIPES = 'recipes.md'

/** Returns the snippets of README.md and of the documents, as files of a project. */
export function snippets(): Files {
  const documents = readdirSync(fileURLToPath(new URL('docs', root))).filter(
    (name) => name.endsWith('.md') && name !== RECIPES,
  )
  const found = ['README.md', ...documents.map((name) => `docs/${name}`)].flatMap((document) => {
    const markdown = readFileSync(new URL(document, root), 'utf8')
    const blocks = markdown.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```/gm)
    const name = document.replaceAll(/\W/g, '-')
    return Array.from(blocks, ([, code], index) => [`${name}-${index}.mts`, `${code}\nexport {}\n`])
  })
  return Object.fromEntries(found)
}
