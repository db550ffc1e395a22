import { execFile } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findRuntimes } from '../runtimes.mjs'
import { programs } from './tools.mjs'

const node = process.execPath
const asOn = fileURLToPath(new URL('as-on.cjs', import.meta.url))

/**
 * Installs what the project's manifest asks for, from that registry and nowhere else, each in its own way: as is right here,
 * or as on another `platform` (`os`, `cpu` and, on Linux, `libc`, as a manifest has them).
 */
export const installers = {
  npm: (project, registry, options) => npm(['npm'], project, registry, options),

  'npm 10': (project, registry, options) => npm([node, programs.npm10], project, registry, options),

  'pnpm 9': (project, registry, { platform } = {}) => {
    const path = join(project, 'package.json')
    const { pnpm: settings, ...manifest } = JSON.parse(readFileSync(path, 'utf8'))
    if (platform) writeFileSync(path, JSON.stringify({ ...manifest, pnpm: { ...settings, ...asList(platform) } }))
    return pnpm([node, programs.pnpm9], project, registry)
  },

  'pnpm 10': (project, registry, { platform } = {}) => {
    if (platform) writeFileSync(join(project, 'pnpm-workspace.yaml'), JSON.stringify(asList(platform)))
    return pnpm([node, programs.pnpm10], project, registry)
  },

  'pnpm 12': (project, registry, { platform } = {}) => {
    if (platform) writeFileSync(join(project, 'pnpm-workspace.yaml'), JSON.stringify(asList(platform)))
    return pnpm([findRuntimes()['node-24'].path, programs.pnpm12], project, registry)
  },

  async 'yarn 1'(project, registry, { platform } = {}) {
    writeFileSync(join(project, '.yarnrc'), `registry "${registry}"\n`)
    const options = ['--silent', '--non-interactive', '--cache-folder', join(project, '.cache')]
    // It has no way to be told, but by Node.
    const told = platform ? ['--require', asOn] : []
    const env = { KILLTARGET_PLATFORM: platform?.os, KILLTARGET_ARCHITECTURE: platform?.cpu }
    await run([node, ...told, programs.yarn, 'install', ...options], project, env)
  },

  'yarn 4': (project, registry, options) => berry(project, registry, 'node-modules', options),

  'yarn 4, Plug’n’Play': (project, registry, options) => berry(project, registry, 'pnp', options),

  async bun(project, registry, { platform } = {}) {
    writeFileSync(join(project, 'bunfig.toml'), `[install]\nregistry = "${registry}"\ncache = ".cache"\n`)
    await run([findRuntimes().bun.path, 'install', '--silent', ...asFlags(platform)], project)
  },
}

/** What Node takes to find packages, where there is no `node_modules`. */
export function resolverOf(name) {
  return name.includes('Play') ? ['--require', './.pnp.cjs', '--loader', './.pnp.loader.mjs', '--no-warnings'] : []
}

async function npm(command, project, registry, { platform, args = [] } = {}) {
  const options = ['--silent', '--no-audit', '--no-fund', '--registry', registry]
  await run([...command, 'install', ...options, ...asFlags(platform), ...args], project)
}

async function pnpm(command, project, registry) {
  writeFileSync(join(project, '.npmrc'), `registry=${registry}\n`)
  await run([...command, 'install', '--silent', '--store-dir', join(project, '.store')], project)
}

async function berry(project, registry, linker, { platform } = {}) {
  const settings = {
    npmRegistryServer: registry,
    unsafeHttpWhitelist: ['127.0.0.1'],
    nodeLinker: linker,
    enableTelemetry: false,
    enableGlobalCache: false,
    enableImmutableInstalls: false,
    // It takes nothing that was published in the last days.
    npmMinimalAgeGate: 0,
    pnpEnableEsmLoader: true,
    ...(platform && asList(platform)),
  }
  writeFileSync(join(project, '.yarnrc.yml'), JSON.stringify(settings))
  // Without one it takes the project for a part of another, further up.
  appendFileSync(join(project, 'yarn.lock'), '')
  await run([node, programs.berry, 'install'], project)
}

function asFlags(platform = {}) {
  return Object.entries(platform).map(([what, value]) => `--${what}=${value}`)
}

function asList(platform) {
  const lists = Object.entries(platform).map(([what, value]) => [what, [value]])
  return { supportedArchitectures: Object.fromEntries(lists) }
}

/** The registry is this process itself, so it must not be blocked. */
async function run([program, ...args], cwd, extra = {}) {
  try {
    // What configures the installer that runs this is not for that one.
    const env = { PATH: process.env.PATH, HOME: cwd, CI: '', ...extra }
    await promisify(execFile)(program, args, { cwd, env, timeout: 120_000 })
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error })
  }
}
