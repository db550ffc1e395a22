import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { proseOf, wordsOf } from '../helpers/prose.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The folders and files with sources. */
const SOURCES = [
  '.github',
  '__test__',
  'benchmark',
  'build.rs',
  'Cargo.toml',
  'crates',
  'demo',
  'examples',
  'index.ts',
  'lib',
  'packages',
  'scripts',
  'src',
  'tree-kill.ts',
]

/** Words for persons. A process is "it", and a sentence about processes names them. */
const PERSONS = /^(who|whom|whose|whoever|nobody|somebody|anybody|everybody|everyone|anyone|someone|he)$/i

const MAX_PER_1000_WORDS = 1

function filesBelow(path: string): string[] {
  if (statSync(join(root, path)).isFile()) return [path]
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== 'target')
    .flatMap(({ name }) => filesBelow(`${path}/${name}`))
}

test('comments and test titles have less than one word for a person in 1,000 words', (t) => {
  const counts = SOURCES.flatMap(filesBelow).flatMap((file) => {
    const prose = proseOf(file, readFileSync(join(root, file), 'utf8'))
    if (prose === undefined) return []
    const words = wordsOf([...prose.comments, ...prose.titles])
    return [{ file, words: words.length, persons: words.filter((word) => PERSONS.test(word)).length }]
  })
  const [words, persons] = [sum(counts.map((each) => each.words)), sum(counts.map((each) => each.persons))]
  const rate = (persons / words) * 1000
  const worst = counts
    .filter((each) => each.persons > 0)
    .sort((one, other) => other.persons - one.persons)
    .slice(0, 10)
  const summary = `${persons} in ${words} words, ${rate.toFixed(2)} in 1,000`
  t.log(summary)
  // All sources were found.
  t.true(words > 20_000, summary)
  t.true(rate < MAX_PER_1000_WORDS, [summary, ...worst.map((each) => `${each.persons} in ${each.file}`)].join('\n'))
})

const finds = test.macro((t, name: string, source: string, comments: string[], titles: string[] = []) => {
  t.deepEqual(proseOf(name, source), { comments, titles })
})

test(
  'proseOf finds the comments and titles of a spec, past strings, templates and regular expressions',
  finds,
  'some.spec.ts',
  [
    '/** A doc\n * comment. */',
    "const url = 'http://example.org' // of a line",
    'const pattern = /[/"]\\/\\/ no comment/ // behind a pattern',
    "const text = `// none, ${call(`a nested // one with ${'b'}`)} /* none */`",
    "test('a title of four words', () => run(`sh -c 'sleep 60' & wait`))",
    'test(`a title with ${name} in the middle`, run)',
    'const half = 1 / 2 // a quotient / a comment',
  ].join('\n'),
  ['A doc\n comment.', 'of a line', 'behind a pattern', 'a quotient / a comment'],
  ['a title of four words', 'a title with  in the middle'],
)

test(
  'proseOf finds the comments and test names of Rust, past strings, characters and lifetimes',
  finds,
  'some.rs',
  [
    '//! Of a module.',
    '/// Of an item.',
    "fn call<'a>(text: &'a str) -> char { '\"' } // of a line",
    'const RAW: &str = r#"// none "quoted" // none"#;',
    'const TEXT: &str = "// none \\" // none"; /* a block */',
    '#[test]',
    '#[cfg(unix)]',
    'fn a_name_is_a_title() {}',
  ].join('\n'),
  ['Of a module.', 'Of an item.', 'of a line', 'a block'],
  ['a name is a title'],
)

test(
  'proseOf finds the comments of YAML and of shell scripts',
  finds,
  'some.yml',
  ['#!/bin/sh', '# A comment.', 'run: echo "# none" # at the end', 'color: a#b'].join('\n'),
  ['A comment.', 'at the end'],
)

test('proseOf returns undefined for a language that it does not know', (t) => {
  t.is(proseOf('some.json', '{}'), undefined)
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
