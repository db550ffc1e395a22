import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findRuntimes } from '../runtimes.mjs'
import { programs } from './tools.mjs'

const node = process.execPath

/** Installs what the project's manifest asks for, from that registry and nowhere else, each in its own way. */
export const installers = {
  async npm(project, registry) {
    await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--registry', registry], project)
  },

  async pnpm(project, registry) {
    writeFileSync(join(project, '.npmrc'), `registry=${registry}\n`)
    await run(node, [programs.pnpm, 'install', '--silent', '--store-dir', join(project, '.store')], project)
  },

  async 'yarn 1'(project, registry) {
    writeFileSync(join(project, '.yarnrc'), `registry "${registry}"\n`)
    const options = ['--silent', '--non-interactive', '--no-lockfile', '--cache-folder', join(project, '.cache')]
    await run(node, [programs.yarn, 'install', ...options], project)
  },

  'yarn 4': (project, registry) => berry(project, registry, 'node-modules'),

  'yarn 4, Plug’n’Play': (project, registry) => berry(project, registry, 'pnp'),

  async bun(project, registry) {
    writeFileSync(join(project, 'bunfig.toml'), `[install]\nregistry = "${registry}"\ncache = ".cache"\n`)
    await run(findRuntimes().bun.path, ['install', '--silent'], project)
  },
}

async function berry(project, registry, linker) {
  const settings = [
    `npmRegistryServer: "${registry}"`,
    'unsafeHttpWhitelist: ["127.0.0.1"]',
    `nodeLinker: ${linker}`,
    'enableTelemetry: false',
    'enableGlobalCache: false',
    'enableImmutableInstalls: false',
    // It takes nothing that was published in the last days.
    'npmMinimalAgeGate: 0',
    'pnpEnableEsmLoader: true',
  ]
  writeFileSync(join(project, '.yarnrc.yml'), `${settings.join('\n')}\n`)
  writeFileSync(join(project, 'yarn.lock'), '')
  await run(node, [programs.berry, 'install'], project)
}

/** The registry is this process itself, so it must not be blocked. */
async function run(program, args, cwd) {
  try {
    // What configures the installer that runs this is not for that one.
    const env = { PATH: process.env.PATH, HOME: cwd, CI: '' }
    await promisify(execFile)(program, args, { cwd, env, timeout: 120_000 })
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error })
  }
}
