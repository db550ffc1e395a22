import { existsSync, readFileSync } from 'node:fs'
import { root, run } from '../run.mjs'

const folder = `${root}target/installers/`
const modules = `${folder}node_modules/`

/** What installs packages, and what loads them in a way of its own. They are no dependencies: only a check needs them. */
const versions = { '@yarnpkg/cli-dist': '4.18.1', jest: '30.5.2', pnpm: '10.34.8', yarn: '1.22.22' }

export async function installTools() {
  const isThere = ([name, version]) => {
    const manifest = `${modules}${name}/package.json`
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version
  }
  if (Object.entries(versions).every(isThere)) return
  const specifiers = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  const options = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder]
  await run('npm', ['install', ...options, ...specifiers], { log: true })
}

export const programs = {
  pnpm: `${modules}pnpm/bin/pnpm.cjs`,
  yarn: `${modules}yarn/bin/yarn.js`,
  berry: `${modules}@yarnpkg/cli-dist/bin/yarn.js`,
  jest: `${modules}jest/bin/jest.js`,
}
