import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { pack, type Packed } from '../../../scripts/packages/pack.mjs'
import { output } from './example.ts'
import { type InstallerName, installers, resolverOf } from './installers.ts'
import { dependsOn, type Files, installedIn, write } from './project.ts'

/** A published package that depends on tree-kill and knows nothing of killtarget. */
const dependent = {
  'package.json': { name: 'dependent', version: '1.0.0', dependencies: { 'tree-kill': '^1.2.2' } },
  'index.js': "exports.kill = require('tree-kill')\nexports.path = require.resolve('tree-kill')\n",
  'README.md': '',
}

/** Kills by the dependent's function, and by the command that this function's package has. */
const program = `
  const { once } = require('node:events')
  const { spawn } = require('node:child_process')
  const { createRequire } = require('node:module')
  const { kill, path } = require('dependent')
  const theirs = createRequire(path)
  if (kill !== theirs('killtarget/tree-kill')) throw new Error('The dependent has another tree-kill')

  async function killed(by) {
    const child = spawn('sh', ['-c', 'sleep 60 & echo; wait'])
    await once(child.stdout, 'data')
    // The output closes when the background process has exited, too.
    const [told] = await Promise.all([by(child.pid), once(child, 'close')])
    console.log(child.signalCode, told)
  }

  const command = process.argv[2] ? [process.argv[2]] : [process.execPath, ...process.execArgv, theirs.resolve('./cli.js')]
  const run = ([file, ...args], pid) => once(spawn(file, [...args, pid, 'SIGKILL'], { stdio: 'inherit' }), 'exit')

  killed((pid) => new Promise((resolve) => kill(pid, resolve))).then(() => killed((pid) => run(command, pid)))
`

const OUTPUT = 'SIGTERM undefined\nSIGKILL [ 0, null ]'

const root = new URL('../../../', import.meta.url)

/** Packs the dependent and the real tree-kill, so that only the project's settings decide which one is installed. */
export function packDependent(folder: string): Packed[] {
  const theirs = new URL('node_modules/tree-kill', root).pathname
  return [write(join(folder, 'dependent'), dependent), theirs].map((source) => pack(source, folder))
}

/** Installs the dependent with the override of the guide, and kills by it. Resolves to the project's folder. */
export async function overrides(
  t: ExecutionContext,
  name: InstallerName,
  { folder, registry, files = {} }: { folder: string; registry: string; files?: Files },
): Promise<string> {
  const [fields, settings] = documentedFor(name)
  const project = write(folder, {
    ...dependsOn({ dependent: '1.0.0' }, fields),
    ...settings,
    ...files,
    'program.cjs': program,
  })
  await installers[name](project, registry)
  const resolver = resolverOf(name)
  const commands = installedIn(project).filter((path) => path.endsWith(join('.bin', 'tree-kill')))
  t.is(commands.length > 0, resolver.length === 0, 'the command is installed if there is a folder for commands')
  const args = [...resolver, 'program.cjs', ...commands.slice(0, 1)]
  t.is(await output(process.execPath, args, project), OUTPUT)
  return project
}

/** What the guide says to write: fields of the manifest, and other files. */
function documentedFor(name: InstallerName): [fields: object, files: Files] {
  const guide = readFileSync(new URL('docs/tree-kill.md', root), 'utf8')
  const blocks = [...guide.matchAll(/^\*\*(.*), in `(.*)`:\n\n```\w+\n([\s\S]*?)```$/gm)]
  const [, , file, text] = blocks.find(([, heading]) => isFor(name, heading!.replaceAll('*', '')))!
  return file === 'package.json' ? [JSON.parse(text!), {}] : [{}, { [file!]: text }]
}

/** The guide has two ways for pnpm, the newer one first. */
function isFor(name: InstallerName, heading: string): boolean {
  if (name.startsWith('pnpm')) return heading === (name === 'pnpm 9' ? 'pnpm before that' : 'pnpm 10.5 and later')
  const [installer] = name.split(' ')
  return heading.toLowerCase().split(' ').includes(installer!)
}
