import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** An exported declaration or one of its members, and its doc comment, as an editor shows it. */
interface Declared {
  /** `KillTarget`, `KillTarget.signal`. */
  name: string
  line: string
  comment: string
}

const DECLARATION = /^(?:export )?(?:declare )?(?:class|function|interface|type|const) (\w+)/
const MEMBER = /^ {2}(?!private|constructor|#)(?:(?:readonly|static|get) )*(\w+|\[[\w.]+\])\??[:(<]/

/** Lists the declarations of a generated file: each begins a line, and so does each member. */
function declarationsOf(text: string): Declared[] {
  const found: Declared[] = []
  let [comment, holder] = ['', '']
  for (const line of text.split('\n')) {
    if (/^\s*\/?\*/.test(line)) {
      comment = /^\s*\/\*\*/.test(line) ? line : `${comment}\n${line}`
      continue
    }
    const declared = DECLARATION.exec(line)?.[1]
    const member = MEMBER.exec(line)?.[1]
    if (declared !== undefined) holder = declared
    const name = declared ?? (member === undefined ? undefined : `${holder}.${member}`)
    if (name !== undefined) found.push({ name, line, comment })
    comment = ''
  }
  return found
}

const [own, treeKill] = ['index.d.ts', 'tree-kill.d.ts'].map((file) => readFileSync(join(root, file), 'utf8')) as [
  string,
  string,
]

/** What users can import, with its members, and what the types of these name. */
const exported = [own, treeKill].flatMap(declarationsOf)

const namesOf = (declared: Declared[]) => declared.map(({ name }) => name)

test('the declarations of a file are found with their comments', (t) => {
  const text = `/** A. */\nexport interface A {\n  /** B. */\n  readonly b?: number;\n  c(): void;\n}\n`
  t.deepEqual(
    declarationsOf(text).map(({ name, comment }) => [name, comment.trim()]),
    [
      ['A', '/** A. */'],
      ['A.b', '/** B. */'],
      ['A.c', ''],
    ],
  )
  for (const name of ['KillTarget.fromPid', 'KillTarget.[Symbol.dispose]', 'TerminateOptions.grace', 'treeKill']) {
    t.true(namesOf(exported).includes(name), name)
  }
})

test('each exported name and member has a doc comment', (t) => {
  t.deepEqual(namesOf(exported.filter(({ comment }) => !/\w/.test(comment))), [])
})

test('each option that is a number has a comment with its unit', (t) => {
  const numbers = exported.filter(({ name, line }) => /(Options|Step)\./.test(name) && /: number\b/.test(line))
  t.true(numbers.length >= 5)
  t.deepEqual(namesOf(numbers.filter(({ comment }) => !/milliseconds|columns/i.test(comment))), [])
})

test('each boolean option has a comment with its default', (t) => {
  const flags = exported.filter(({ name, line }) => /Options\./.test(name) && /: boolean\b/.test(line))
  t.deepEqual(namesOf(flags.filter(({ comment }) => !comment.includes('@default'))), [])
})

test('each function or method with a parameter has a comment with its errors', (t) => {
  const calls = exported.filter(
    ({ name, line }) => /^(KillTarget\.|[a-z])/.test(name) && name !== 'treeKill' && /\w\((?!\))/.test(line),
  )
  t.true(calls.length >= 15)
  t.deepEqual(namesOf(calls.filter(({ comment }) => !comment.includes('@throws'))), [])
})

test('each function and class has an example and a link to its page', (t) => {
  const calls = exported.filter(({ line }) => /^declare (function|class) /.test(line))
  t.true(calls.length >= 15)
  t.deepEqual(namesOf(calls.filter(({ comment }) => !comment.includes('@example') || !comment.includes('@see'))), [])
})

test('each own error code is in the comment of KillError and in the documentation', (t) => {
  const codes =
    own
      .split('type KillErrorCode')[1]!
      .split(';')[0]!
      .match(/\bERR_\w+/g) ?? []
  t.true(codes.length >= 8)
  const { comment } = exported.find(({ name }) => name === 'KillError')!
  const documentation = readFileSync(join(root, 'docs/api.md'), 'utf8')
  t.deepEqual(
    codes.filter((code) => !comment.includes(code) || !documentation.includes(`\`${code}\``)),
    [],
  )
})
