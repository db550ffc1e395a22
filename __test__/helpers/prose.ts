/** What a file of source says to its readers: comments, and the titles and messages of tests. */
export interface Prose {
  comments: string[]
  titles: string[]
}

/** A piece of source: a comment, or a string without its quotes. */
interface Token {
  kind: 'comment' | 'string'
  text: string
}

/** The languages differ in what begins a comment, and in what a quote means. */
const languages: Record<string, (source: string) => Token[]> = {
  ts: scanScript,
  mts: scanScript,
  mjs: scanScript,
  cjs: scanScript,
  js: scanScript,
  c: scanC,
  h: scanC,
  rs: scanRust,
  py: scanHash,
  sh: scanHash,
  toml: scanHash,
  yml: scanHash,
}

export function proseOf(name: string, source: string): Prose | undefined {
  const extension = name.slice(name.lastIndexOf('.') + 1)
  const tokens = languages[extension]?.(source)
  if (tokens === undefined) return undefined
  const comments = tokens.filter(({ kind }) => kind === 'comment').map(({ text }) => text)
  const strings = tokens.filter(({ kind }) => kind === 'string').map(({ text }) => text)
  if (extension === 'rs') return { comments, titles: testNames(source) }
  return { comments, titles: name.endsWith('.spec.ts') ? strings.filter(isSentence) : [] }
}

export function wordsOf(prose: readonly string[]): string[] {
  return prose.flatMap((text) => text.match(/[a-z][a-z'’-]*/gi) ?? [])
}

/** Titles and messages are words with spaces between them. Scripts for a shell or for Node have other marks. */
function isSentence(text: string): boolean {
  return !/[;&|<>{}=]|\$\(|^\s*\//.test(text) && text.trim().split(/\s+/).length >= 4
}

/** The name of a Rust test is its title. */
function testNames(source: string): string[] {
  const names = source.matchAll(/#\[test\]\s*(?:#\[[^\]]*\]\s*)*fn\s+(\w+)/g)
  return Array.from(names, ([, name]) => name!.replaceAll('_', ' '))
}

/** Reads one token after the other. Each pattern is tried where the last one ended. */
function scan(source: string, patterns: readonly (readonly [RegExp, ((match: string) => Token[]) | null])[]): Token[] {
  const tokens: Token[] = []
  let place = 0
  while (place < source.length) {
    let length = 1
    for (const [pattern, take] of patterns) {
      pattern.lastIndex = place
      const found = pattern.exec(source)?.[0]
      if (found === undefined || found === '') continue
      if (take) tokens.push(...take(found))
      length = found.length
      break
    }
    place += length
  }
  return tokens
}

const comment = (match: string): Token[] => {
  const text = match
    .replace(/^\/\/[/!]?|^\/\*[*!]?|\*\/$/g, '')
    .replace(/^\s*\*/gm, '')
    .trim()
  return [{ kind: 'comment', text }]
}
const quoted = (match: string): Token[] => [{ kind: 'string', text: match.slice(1, -1) }]

const LINE = /\/\/[^\n]*/y
const BLOCK = /\/\*[^]*?\*\//y
const DOUBLE = /"(?:[^"\\]|\\[^])*"/y

/** After one of these a slash begins a regular expression. Elsewhere it divides. */
const REGEXP = /(?<=(?:^|[=(,:[!&|?{};+\n>]|\breturn)\s*)\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

function scanScript(source: string): Token[] {
  return scan(source, [
    [LINE, comment],
    [BLOCK, comment],
    [REGEXP, null],
    [/'(?:[^'\\\n]|\\[^])*'/y, quoted],
    [/"(?:[^"\\\n]|\\[^])*"/y, quoted],
    // Three levels of nested templates.
    [template(template(template())), (match) => [{ kind: 'string', text: withoutPlaceholders(match.slice(1, -1)) }]],
  ])
}

/** Returns a pattern of templates. A placeholder may hold another template. */
function template(nested?: RegExp): RegExp {
  const within = nested === undefined ? '' : `|${nested.source}`
  return new RegExp(`\`(?:[^\`\\\\$]|\\\\[^]|\\$(?!\\{)|\\$\\{(?:[^{}\`]|\\{[^{}\`]*\\}${within})*\\})*\``, 'y')
}

function withoutPlaceholders(text: string): string {
  let [result, depth] = ['', 0]
  for (let place = 0; place < text.length; place++) {
    const [letter, next] = [text[place]!, text[place + 1]]
    if (letter === '$' && next === '{') [depth, place] = [depth + 1, place + 1]
    else if (depth > 0) depth += letter === '{' ? 1 : letter === '}' ? -1 : 0
    else result += letter
  }
  return result
}

function scanC(source: string): Token[] {
  return scan(source, [
    [LINE, comment],
    [BLOCK, comment],
    [DOUBLE, quoted],
    [/'(?:[^'\\]|\\.)+'/y, null],
  ])
}

function scanRust(source: string): Token[] {
  return scan(source, [
    [LINE, comment],
    [BLOCK, comment],
    [/b?r(#*)"[^]*?"\1/y, null],
    [DOUBLE, quoted],
    // A character, and not a lifetime.
    [/'(?:[^'\\\n]|\\[^'\n]+|\\')'/y, null],
  ])
}

function scanHash(source: string): Token[] {
  return scan(source, [
    [/(?<=^|\s)#(?!!)[^\n]*/y, (match) => [{ kind: 'comment', text: match.slice(1).trim() }]],
    [/"(?:[^"\\\n]|\\[^\n])*"|'[^'\n]*'/y, null],
  ])
}
