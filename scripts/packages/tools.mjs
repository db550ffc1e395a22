import { existsSync, readFileSync } from 'node:fs'
import { prepareBy, root } from '../run.mjs'

const folder = `${root}target/installers/`
const modules = `${folder}node_modules/`

/**
 * The package managers, the bundlers and test runners, which load packages in their own ways, and the oldest TypeScript that
 * has `using`. They are no dependencies: only the specs of the packages need them. npm 10 is the one that comes with Node 20.
 */
const versions = {
  '@rollup/plugin-commonjs': '29.0.3',
  '@rollup/plugin-node-resolve': '16.0.3',
  '@yarnpkg/cli-dist': '4.18.1',
  jest: '30.5.2',
  'node-loader': '2.1.0',
  'npm-10': 'npm:npm@10.8.2',
  'pnpm-9': 'npm:pnpm@9.15.9',
  'pnpm-10': 'npm:pnpm@10.34.8',
  'pnpm-12': 'npm:pnpm@12.21.0',
  rollup: '4.68.8',
  'typescript-5': 'npm:typescript@5.2.2',
  vitest: '3.2.7',
  webpack: '5.113.0',
  yarn: '1.22.22',
}

export async function installTools() {
  const isThere = ([name, version]) => {
    const manifest = `${modules}${name}/package.json`
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version.split('@').at(-1)
  }
  if (Object.entries(versions).every(isThere)) return
  const specifiers = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  const options = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder]
  await prepareBy('npm', ['install', ...options, ...specifiers])
}

export const programs = {
  npm10: `${modules}npm-10/bin/npm-cli.js`,
  pnpm9: `${modules}pnpm-9/bin/pnpm.cjs`,
  pnpm10: `${modules}pnpm-10/bin/pnpm.cjs`,
  pnpm12: `${modules}pnpm-12/bin/pnpm.mjs`,
  yarn: `${modules}yarn/bin/yarn.js`,
  berry: `${modules}@yarnpkg/cli-dist/bin/yarn.js`,
  jest: `${modules}jest/bin/jest.js`,
  rollup: `${modules}rollup/dist/bin/rollup`,
  vitest: `${modules}vitest/vitest.mjs`,
  oldestTypescript: `${modules}typescript-5/bin/tsc`,
}

/** The folder of a module that a configuration names: a plugin of rollup, webpack or its loader. */
export const moduleOf = (name) => `${modules}${name}`
