import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { aptInstall } from '../apt.mjs'
import { fail, prepareBy } from '../run.mjs'

/** Installs Debian packages, unless the check succeeds before: a file exists, or a program exits with 0. */
export async function requirePackages(check, packages) {
  const isThere = () =>
    typeof check === 'string'
      ? existsSync(check)
      : spawnSync(check[0], check.slice(1), { stdio: 'ignore' }).status === 0
  if (isThere()) return
  await aptInstall(packages)
  if (!isThere()) fail(`These packages are needed, and could not be installed: ${packages.join(', ')}.`)
}

/** Installs npm packages for other platforms, unless the first one is there. */
export async function requireModules(folder, specifiers) {
  const name = specifiers[0].slice(0, specifiers[0].lastIndexOf('@'))
  if (existsSync(`${folder}node_modules/${name}/package.json`)) return
  const options = ['--no-save', '--force', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder]
  await prepareBy('npm', ['install', ...options, ...specifiers])
}
