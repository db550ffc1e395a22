import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from './registry.mjs'
import { root, run } from './run.mjs'

/** What somebody publishes who knows nothing of us. */
const dependent = {
  'package.json': '{ "name": "dependent", "version": "1.0.0", "dependencies": { "tree-kill": "^1.2.2" } }',
  'index.js': "module.exports = require('tree-kill')",
  'README.md': '',
}

const program = `
  const { once } = require('node:events')
  const { spawn } = require('node:child_process')
  const kill = require('dependent')
  if (kill !== require('killtarget/tree-kill')) throw new Error('that is another')

  async function killed(by) {
    const child = spawn('sh', ['-c', 'sleep 60 & echo; wait'])
    await once(child.stdout, 'data')
    // That is when the one in the background has let go of the output, too.
    const [told] = await Promise.all([by(child.pid), once(child, 'close')])
    console.log(child.signalCode, told)
  }

  killed((pid) => new Promise((resolve) => kill(pid, resolve)))
    .then(() => killed((pid) => once(spawn('node_modules/.bin/tree-kill', [pid, 'SIGKILL'], { stdio: 'inherit' }), 'exit')))
`

const use = "kill(1, 'SIGKILL', (error?: Error) => {})"
const types = {
  'types.cts': `import kill = require('tree-kill')\n${use}`,
  'types.mts': `import kill from 'tree-kill'\n${use}`,
}

/** That a project gets ours in place of tree-kill by what the guide says, and that it works there. */
export async function checkTreeKill(folder, { main, binary, treeKill, pack }) {
  await run('publint', ['--strict', treeKill.filename])

  const source = folderOf(join(folder, 'dependent'), dependent)
  // As napi has it when it publishes.
  const optionalDependencies = { [binary.manifest.name]: binary.manifest.version }
  const published = { ...main, manifest: { ...main.manifest, optionalDependencies } }
  const registry = await serve([published, binary, treeKill, pack(source, folder)])

  const [, overrides] = /```json\n(\{\s+"overrides"[\s\S]*?)```/.exec(readFileSync(`${root}docs/tree-kill.md`, 'utf8'))
  const manifest = { dependencies: { dependent: '1.0.0' }, ...JSON.parse(overrides) }
  const project = folderOf(join(folder, 'dependents'), {
    'package.json': JSON.stringify(manifest),
    'program.cjs': program,
    ...types,
  })
  const quiet = ['--silent', '--no-audit', '--no-fund', '--registry', registry.url, '--cache', join(folder, 'cache')]
  await run('npm', ['install', '--prefix', project, ...quiet])
  registry.close()

  const output = execFileSync(process.execPath, ['program.cjs'], { cwd: project, encoding: 'utf8', timeout: 60_000 })
  assert.equal(output, 'SIGTERM undefined\nSIGKILL [ 0, null ]\n')
  const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--types', '', '--target', 'es2022']
  const files = Object.keys(types).map((name) => join(project, name))
  await run('tsc', ['--ignoreConfig', ...strict, '--module', 'nodenext', ...files])
}

function folderOf(path, files) {
  mkdirSync(path)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}
