import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../../', import.meta.url))
const BLOB = 'https://github.com/killtarget/killtarget/blob/main/'

/** Words for persons. A process is "it". */
const PERSONS = /\b(?:who|whom|whose|whoever|nobody|somebody|anybody|everybody|everyone|anyone|someone|he)\b/gi
const MAX_PERSONS_PER_1000_WORDS = 1
const LONG_SENTENCE = 25
const MAX_LONG_SENTENCES = 0.05

const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((file) =>
  file.endsWith('.md'),
)

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Leaves out code, and of links their addresses. */
function prose(markdown: string): string {
  return markdown
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
}

const wordsIn = (text: string): string[] => text.match(/[\p{L}\d`'’.()-]*\p{L}[\p{L}\d`'’()-]*/gu) ?? []

/** The sentences of paragraphs and of items of lists. Tables and headings have none. */
function sentences(markdown: string): string[] {
  const paragraphs = prose(markdown)
    .split('\n')
    .filter((line) => !/^(?:\s*\||#)/.test(line))
    .flatMap((line) => line.split(/(?<=[.:?!])\s+(?=[A-Z`*[])/))
  return paragraphs.filter((sentence) => wordsIn(sentence).length > 0)
}

test('the documents have less than one word for a person in 1,000 words', (t) => {
  const counts = documents.map((file) => {
    const text = prose(read(file))
    return { file, words: wordsIn(text).length, persons: text.match(PERSONS) ?? [] }
  })
  const words = counts.reduce((total, each) => total + each.words, 0)
  const persons = counts.flatMap((each) => each.persons)
  t.true(words > 10_000, String(words))
  const rate = (persons.length / words) * 1000
  t.true(rate < MAX_PERSONS_PER_1000_WORDS, JSON.stringify(counts.filter((each) => each.persons.length > 0)))
})

test('fewer than one sentence in 20 of the documents has more than 25 words', (t) => {
  const all = documents.flatMap((file) => sentences(read(file)).map((sentence) => ({ file, sentence })))
  const long = all.filter(({ sentence }) => wordsIn(sentence).length > LONG_SENTENCE)
  t.true(all.length > 500, String(all.length))
  t.log(`${long.length} of ${all.length}`)
  t.true(long.length / all.length < MAX_LONG_SENTENCES, JSON.stringify(long.slice(0, 10), null, 2))
})

test('each link between the documents leads to a heading or an anchor that exists', (t) => {
  const sources = [
    ...documents,
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'benchmark/README.md',
    ...readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).map((name) => `lib/${name}`),
  ].filter((file) => /(?:\.md|(?<!\.d)\.ts)$/.test(file))
  const broken = sources.flatMap((file) =>
    linksOf(file)
      .filter(([path, anchor]) => !leadsTo(path, anchor))
      .map(([path, anchor]) => `${file}: ${path}#${anchor}`),
  )
  t.deepEqual(broken, [])
})

/** The links of a file to other files of the repository, as a path and an anchor. */
function linksOf(file: string): [path: string, anchor: string][] {
  const text = read(file)
  const relative = file.endsWith('.md')
    ? Array.from(text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g), ([, link]) => link!)
    : []
  const absolute = Array.from(text.matchAll(/https:\/\/github\.com\/killtarget\/killtarget\/blob\/main\/([^)\s}>`]+)/g))
  return [
    ...relative.map((link): [string, string] => {
      const [path = '', anchor = ''] = link.split('#')
      return [path === '' ? file : posix.join(dirname(file), path), anchor]
    }),
    ...absolute.map(([link]): [string, string] => {
      const [path = '', anchor = ''] = link.slice(BLOB.length).split('#')
      return [path, anchor]
    }),
  ]
}

function leadsTo(path: string, anchor: string): boolean {
  if (!existsSync(join(root, path))) return false
  return anchor === '' || !path.endsWith('.md') || anchorsOf(read(path)).has(anchor)
}

/** The anchors of a document: of its headings, as GitHub makes them, and its own. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set(Array.from(markdown.matchAll(/<a id="([^"]+)">/g), ([, id]) => id!))
  const counts = new Map<string, number>()
  for (const [, heading] of markdown.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)) {
    const slug = prose(heading!)
      .toLowerCase()
      .replaceAll(/[^\p{L}\d\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-')
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return anchors
}
