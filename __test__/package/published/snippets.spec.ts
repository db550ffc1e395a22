import { join } from 'node:path'
import test from 'ava'
import { transformSync } from 'esbuild'
import { execa } from 'execa'
import { findRuntimes } from '../../../scripts/runtimes.mjs'
import { namespaceCommand, noPidNamespace } from '../../helpers/namespace.ts'
import { installOnce } from '../helpers/install-examples.ts'
import { type Files, write } from '../helpers/project.ts'
import { snippets } from '../helpers/snippets.ts'

/** The exit codes that are not 0, as a shell tells them: this one shows how a host is killed. */
const CODES: Readonly<Record<string, number>> = { 'docs-exit-with-host-md-0': 128 + 9 }

/** What the snippets start. */
const PROJECT: Files = {
  'package.json': { private: true, scripts: { dev: 'sleep 600' } },
  'app/package.json': { private: true, scripts: { build: 'true' } },
}

const versions = Object.entries(findRuntimes()).filter(([name]) => ['node-20', 'node-22', 'node-24'].includes(name))
const names = Object.keys(snippets()).map((file) => file.replace(/\.mts$/, ''))

/** Where the packages are installed. Each version of Node has a folder in it, because the snippets write files. */
let project: string

test.before('the packages are installed beside the snippets', async (t) => {
  const files = Object.entries(snippets()).map(([name, code]) => [
    name.replace(/\.mts$/, '.mjs'),
    transformSync(String(code), { loader: 'ts', target: 'node20.19' }).code,
  ])
  project = await installOnce(t)
  for (const [version] of versions) write(join(project, version), { ...PROJECT, ...Object.fromEntries(files) })
})

/** Returns what a snippet says it prints: the comments on the lines that print. */
function announced(name: string): string[] {
  const source = String(snippets()[`${name}.mts`])
  return Array.from(source.matchAll(/^ *console\.(?:log|error)\(.*\) \/\/ (.*)$/gm), ([, comment]) => comment!)
}

for (const name of names) {
  const runTest = noPidNamespace === null ? test.serial : test.serial.skip
  runTest(`${name} runs on Node 20, 22 and 24 and prints what it says`, async (t) => {
    const expected = announced(name)
    await Promise.all(
      versions.map(async ([version, { path, reason }]) => {
        if (path === undefined) return t.fail(reason)
        const folder = join(project, version)
        const [program, ...args] = namespaceCommand([path, '--no-warnings', join(folder, `${name}.mjs`)])
        const run = await execa(program!, args, {
          cwd: folder,
          all: true,
          stdin: 'ignore',
          timeout: 120_000,
          reject: false,
        })
        t.is(run.exitCode, CODES[name] ?? 0, `${version}: ${run.shortMessage}\n${run.all}`)
        const lines = run.all.split('\n')
        for (const comment of expected) {
          const place = lines.findIndex((line) => line !== '' && comment.startsWith(line))
          t.not(place, -1, `${version} prints no "${comment}" in its place:\n${run.all}`)
          lines.splice(0, place + 1)
        }
      }),
    )
  })
}

test('the snippets say what they print', (t) => {
  t.true(names.length > 35)
  t.true(names.flatMap(announced).length > 20)
})
