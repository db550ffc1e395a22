import { readFileSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import { execa } from 'execa'
import { write } from './project.ts'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

/** The README's first example, and what it prints. */
const esm = /```js\n([\s\S]*?)```/.exec(readme)![1]!
export const OUTPUT = 'killed\n[]'

/** The same example with `require`. */
const cjs = `void (async () => {${esm.replace(/^import (.*) from (.*)$/gm, 'const $1 = require($2)')}})()`

/** Runs the example in a project, by `import` and by `require`. `options` are Node's. */
export async function runExamples(
  t: ExecutionContext,
  project: string,
  options: readonly string[] = [],
): Promise<void> {
  write(project, { 'example.mjs': esm, 'example.cjs': cjs })
  for (const file of ['example.mjs', 'example.cjs']) {
    t.is(await output(process.execPath, [...options, file], project), OUTPUT, file)
  }
}

/** What a program prints. It must exit with 0. */
export async function output(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await execa(program, args, { cwd, timeout: 120_000, stdin: 'ignore', stderr: 'inherit' })
  return stdout
}

/** Runs a program of the dev dependencies, which must exit with 0. */
export async function succeeds(t: ExecutionContext, program: string, args: readonly string[]): Promise<void> {
  const { failed, all, shortMessage } = await execa(program, args, { preferLocal: true, all: true, reject: false })
  t.false(failed, `${shortMessage}\n${all}`)
}
