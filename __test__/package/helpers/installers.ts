import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { programs } from '../../../scripts/packages/tools.mjs'
import { findRuntimes } from '../../../scripts/runtimes.mjs'

/** A platform as a manifest describes it. */
export interface Platform {
  os: string
  cpu: string
  /** On Linux only. */
  libc?: string
}

export interface InstallOptions {
  /** Default: this machine's. */
  platform?: Platform
  /** Only for npm. */
  args?: readonly string[]
}

/** Installs what a project's manifest asks for, from that registry and from nowhere else. */
type Install = (project: string, registry: string, options?: InstallOptions) => Promise<void>

export type InstallerName =
  'npm' | 'npm 10' | 'pnpm 9' | 'pnpm 10' | 'pnpm 12' | 'yarn 1' | 'yarn 4' | 'yarn 4 Plug’n’Play' | 'bun'

const node = process.execPath
const asOn = fileURLToPath(new URL('as-on.cjs', import.meta.url))
const runtimes = findRuntimes()

export const installers: Record<InstallerName, Install> = {
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
    return pnpm([runtimes['node-24'].path!, programs.pnpm12], project, registry)
  },

  async 'yarn 1'(project, registry, { platform } = {}) {
    writeFileSync(join(project, '.yarnrc'), `registry "${registry}"\n`)
    const options = ['--silent', '--non-interactive', '--cache-folder', join(project, '.cache')]
    // yarn 1 has no option for the platform: it asks Node.
    const preload = platform ? ['--require', asOn] : []
    const env = platform && { KILLTARGET_PLATFORM: platform.os, KILLTARGET_ARCHITECTURE: platform.cpu }
    await run([node, ...preload, programs.yarn, 'install', ...options], project, env)
  },

  'yarn 4': (project, registry, options) => berry(project, registry, 'node-modules', options),

  'yarn 4 Plug’n’Play': (project, registry, options) => berry(project, registry, 'pnp', options),

  async bun(project, registry, { platform } = {}) {
    writeFileSync(join(project, 'bunfig.toml'), `[install]\nregistry = "${registry}"\ncache = ".cache"\n`)
    await run([runtimes.bun.path!, 'install', '--silent', ...asFlags(platform)], project)
  },
}

/** Node's options to find packages. Only a project without `node_modules` needs some. */
export function resolverOf(name: InstallerName): string[] {
  return name.includes('Play') ? ['--require', './.pnp.cjs', '--loader', './.pnp.loader.mjs', '--no-warnings'] : []
}

async function npm(
  command: string[],
  project: string,
  registry: string,
  { platform, args = [] }: InstallOptions = {},
): Promise<void> {
  const options = ['--silent', '--no-audit', '--no-fund', '--registry', registry]
  await run([...command, 'install', ...options, ...asFlags(platform), ...args], project)
}

async function pnpm(command: string[], project: string, registry: string): Promise<void> {
  writeFileSync(join(project, '.npmrc'), `registry=${registry}\n`)
  await run([...command, 'install', '--silent', '--store-dir', join(project, '.store')], project)
}

async function berry(
  project: string,
  registry: string,
  linker: string,
  { platform }: InstallOptions = {},
): Promise<void> {
  const settings = {
    npmRegistryServer: registry,
    unsafeHttpWhitelist: ['127.0.0.1'],
    nodeLinker: linker,
    enableTelemetry: false,
    enableGlobalCache: false,
    enableImmutableInstalls: false,
    // By default yarn 4 refuses packages that were published in the last days.
    npmMinimalAgeGate: 0,
    pnpEnableEsmLoader: true,
    ...(platform && asList(platform)),
  }
  writeFileSync(join(project, '.yarnrc.yml'), JSON.stringify(settings))
  // Without a lock file yarn 4 looks for a project in the folders above.
  appendFileSync(join(project, 'yarn.lock'), '')
  await run([node, programs.berry, 'install'], project)
}

function asFlags(platform: Platform | undefined): string[] {
  return Object.entries(platform ?? {}).map(([what, value]) => `--${what}=${value}`)
}

function asList(platform: Platform): object {
  const lists = Object.entries(platform).map(([what, value]) => [what, [value]])
  return { supportedArchitectures: Object.fromEntries(lists) }
}

/** Runs an installer. It does not see the settings of the installer that runs these tests. */
async function run(command: string[], cwd: string, extra: Record<string, string> = {}): Promise<void> {
  const [program, ...args] = command
  const env = { PATH: process.env['PATH']!, HOME: cwd, CI: '', ...extra }
  await execa(program!, args, { cwd, env, extendEnv: false, timeout: 120_000 })
}
