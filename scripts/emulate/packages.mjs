import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fail, run } from '../run.mjs'

/** Installs Debian's packages, unless it works without: `check` is a program, with its arguments, or a file. */
export async function requirePackages(check, packages) {
  const isThere = () =>
    typeof check === 'string'
      ? existsSync(check)
      : spawnSync(check[0], check.slice(1), { stdio: 'ignore' }).status === 0
  if (isThere()) return
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300']
  await run('apt-get', ['update', ...options], { check: false, log: true })
  await run('apt-get', ['install', ...options, '-y', '--no-install-recommends', ...packages], {
    check: false,
    log: true,
  })
  if (!isThere()) fail(`These packages are needed, and could not be installed: ${packages.join(', ')}.`)
}

/** Installs packages for other platforms than this, where the first is missing. */
export async function requireModules(folder, specifiers) {
  const name = specifiers[0].slice(0, specifiers[0].lastIndexOf('@'))
  if (existsSync(`${folder}node_modules/${name}/package.json`)) return
  const options = ['--no-save', '--force', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder]
  await run('npm', ['install', ...options, ...specifiers], { log: true })
}
