import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pack } from '../pack.mjs'
import { root } from '../run.mjs'
import { installers, resolverOf } from './installers.mjs'
import { output } from './loads.mjs'
import { dependsOn, installedIn, makeProject } from './project.mjs'

/** What somebody publishes who knows nothing of us. */
const dependent = {
  'package.json': { name: 'dependent', version: '1.0.0', dependencies: { 'tree-kill': '^1.2.2' } },
  'index.js': "exports.kill = require('tree-kill')\nexports.path = require.resolve('tree-kill')\n",
  'README.md': '',
}

/** Kills by the function, and by the command that it is given. */
const program = `
  const { once } = require('node:events')
  const { spawn } = require('node:child_process')
  const { createRequire } = require('node:module')
  const { kill, path } = require('dependent')
  const theirs = createRequire(path)
  if (kill !== theirs('killtarget/tree-kill')) throw new Error('that is another')

  async function killed(by) {
    const child = spawn('sh', ['-c', 'sleep 60 & echo; wait'])
    await once(child.stdout, 'data')
    // That is when the one in the background has let go of the output, too.
    const [told] = await Promise.all([by(child.pid), once(child, 'close')])
    console.log(child.signalCode, told)
  }

  const command = process.argv[2] ? [process.argv[2]] : [process.execPath, ...process.execArgv, theirs.resolve('./cli.js')]
  const run = ([file, ...args], pid) => once(spawn(file, [...args, pid, 'SIGKILL'], { stdio: 'inherit' }), 'exit')

  killed((pid) => new Promise((resolve) => kill(pid, resolve))).then(() => killed((pid) => run(command, pid)))
`

const SAID = 'SIGTERM undefined\nSIGKILL [ 0, null ]\n'

/** That one and the real tree-kill, so that nothing but what the project says decides which is installed. */
export function packDependent(folder) {
  const sources = [makeProject(join(folder, 'dependent'), dependent), `${root}node_modules/tree-kill`]
  return sources.map((source) => pack(source, folder))
}

/** That a dependency of a project's gets ours in place of tree-kill by what the guide says, and that it works there. */
export async function checkOverride(name, folder, url, files = {}) {
  const [manifest, settings] = said(name)
  const project = makeProject(folder, {
    ...dependsOn({ dependent: '1.0.0' }, manifest),
    ...settings,
    ...files,
    'program.cjs': program,
  })
  await installers[name](project, url)
  const resolver = resolverOf(name)
  const commands = installedIn(project).filter((path) => path.endsWith(join('.bin', 'tree-kill')))
  assert.equal(
    commands.length > 0,
    resolver.length === 0,
    `${name} installs the command, where there is a folder for it`,
  )
  const args = [...resolver, 'program.cjs', ...commands.slice(0, 1)]
  assert.equal(output(process.execPath, args, project), SAID, `${name} overrides tree-kill`)
  return project
}

/** What the guide says to write, into the manifest and into other files. */
function said(name) {
  const guide = readFileSync(`${root}docs/tree-kill.md`, 'utf8')
  const blocks = [...guide.matchAll(/^\*\*(.*), in `(.*)`:\n\n```\w+\n([\s\S]*?)```$/gm)]
  const [, , file, text] = blocks.find(([, who]) => isFor(name, who.replaceAll('*', '')))
  return file === 'package.json' ? [JSON.parse(text), {}] : [{}, { [file]: text }]
}

/** Of pnpm the guide has the newer way first. */
function isFor(name, who) {
  if (name.startsWith('pnpm')) return who === (name === 'pnpm 9' ? 'pnpm before that' : 'pnpm 10.5 and later')
  const [installer] = name.split(' ')
  return who.toLowerCase().split(' ').includes(installer)
}
