import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { found } from '../helpers/fixture.ts'
import { truth } from '../helpers/kernel.ts'

interface Loaded {
  method?: string
  name: string
  code: string
  message: string
  causes?: string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const here = `${process.platform}-${process.arch}`
const binary = readdirSync(root).find((name) => name.endsWith('.node'))!

/** The builds that the loader tries on this platform, in this order. */
const flavours = process.platform === 'linux' ? ['-gnu', '-musl'] : process.platform === 'win32' ? ['-msvc'] : ['']
const files = flavours.map((flavour) => `killtarget.${here}${flavour}.node`)
const packages = flavours.map((flavour) => `killtarget-${here}${flavour}`)
const places = flavours.flatMap((_, index) => [files[index]!, packages[index]!])

/** The manifests of the published packages. */
const published = readdirSync(join(root, 'npm')).map((platform) => {
  const manifest = JSON.parse(readFileSync(join(root, 'npm', platform, 'package.json'), 'utf8'))
  return manifest as { name: string; os: [string]; cpu: [string]; libc?: ['glibc' | 'musl'] }
})

/** The packages that fit this machine. */
const libc = isGlibc() ? 'glibc' : 'musl'
const wanted = published
  .filter(({ name, libc: [needed] = [libc] }) => packages.includes(name) && needed === libc)
  .map(({ name }) => name)

function isGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: Record<string, unknown> }
  return header['glibcVersionRuntime'] !== undefined
}

/** Makes a copy of the package without its binary, and removes it when the test ends. */
function copy(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-loader-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const name of ['index.js', 'main.js', 'package.json']) copyFileSync(join(root, name), join(folder, name))
  return folder
}

/** Installs a package without its binary. Returns the path for the binary. */
function installed(folder: string, name: string): string {
  const path = join(folder, 'node_modules', name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, main: 'binary.node' }))
  return join(path, 'binary.node')
}

const load = (t: ExecutionContext, ...args: string[]) => found<Loaded>(t, 'load.cjs', { args })

const missing = (name: string) =>
  `The package ${name} is not installed. It is an optional dependency of killtarget. Install again on this machine ` +
  'with optional dependencies (`npm install` without `--omit=optional`). If the package is still missing, remove ' +
  'node_modules and the lock file and install again: npm may have made them for another platform only. If killtarget was ' +
  'installed from a tarball, install the tarball of this package, too.'

const broken = (name: string) =>
  `The package ${name} is installed, but does not load for the reason above. If it is damaged or from another ` +
  'machine, remove node_modules and install again on this machine.'

/** Asserts one error with a line for each place that was tried and one that says what to do. Returns the lines of the places. */
function isNotLoaded(t: ExecutionContext, { message, causes, ...error }: Loaded, remedy: string): string[] {
  t.deepEqual(error, { name: 'Error', code: 'ERR_BINDING_NOT_LOADED' } as typeof error)
  const [first, ...lines] = message.split('\n')
  t.is(first, `Cannot load the killtarget binary for ${here}:`)
  t.is(lines.pop(), remedy)
  t.is(lines.length, places.length)
  t.is(causes?.length, places.length)
  for (const [index, place] of places.entries()) t.true(lines[index]!.startsWith('- ') && lines[index]!.includes(place))
  return lines
}

test('one published package fits this machine', (t) => {
  t.is(wanted.length, 1)
})

test('a missing binary gives one error that names the platform, each place that was tried, and the package to install', async (t) => {
  const loaded = await load(t, copy(t))
  for (const line of isNotLoaded(t, loaded, missing(wanted[0]!))) t.regex(line, /^- Cannot find module '[^']+'$/)
  for (const cause of loaded.causes!) t.regex(cause, /^MODULE_NOT_FOUND: /)
})

const elsewhere = test.macro({
  title: (_, { name }: (typeof published)[number]) =>
    `the error for a missing binary says to install ${name} on its platform`,
  async exec(t, { name, os: [os], cpu: [cpu], libc: needed }: (typeof published)[number]) {
    const { code, message } = await load(t, copy(t), os, cpu, needed?.[0] ?? '')
    t.is(code, 'ERR_BINDING_NOT_LOADED')
    t.is(message.split('\n').at(-1), missing(name))
  },
})

for (const manifest of published) test(elsewhere, manifest)

test('the error for a missing binary names the packages of both C libraries if this one is unknown', async (t) => {
  const { message } = await load(t, copy(t), 'linux', 'x64', 'unknown')
  t.is(message.split('\n').at(-1), missing('killtarget-linux-x64-gnu or killtarget-linux-x64-musl'))
})

test("a broken binary gives an error with the system's message, which says to install again", async (t) => {
  const folder = copy(t)
  for (const file of files) writeFileSync(join(folder, file), 'no binary, but long enough for its header'.repeat(10))
  for (const name of packages) writeFileSync(installed(folder, name), '')
  const loaded = await load(t, folder)
  for (const line of isNotLoaded(t, loaded, broken(wanted[0]!))) {
    if (process.platform === 'linux') t.regex(line, /\.node: (invalid ELF header|file too short)$/)
    t.true(line.includes(folder))
  }
  for (const cause of loaded.causes!) t.regex(cause, /^ERR_DLOPEN_FAILED: /)
})

test('the error says which build is missing and which one is broken', async (t) => {
  const folder = copy(t)
  writeFileSync(installed(folder, packages[0]!), '')
  const remedy = packages[0] === wanted[0] ? broken : missing
  const [file, installedOne] = isNotLoaded(t, await load(t, folder), remedy(wanted[0]!))
  t.regex(file!, /Cannot find module/)
  t.notRegex(installedOne!, /Cannot find module/)
})

test('the error names the package of this C library, even if that of another one is installed', async (t) => {
  const folder = copy(t)
  writeFileSync(installed(folder, 'killtarget-linux-x64-gnu'), '')
  const { message } = await load(t, folder, 'linux', 'x64', 'musl')
  t.is(message.split('\n').at(-1), missing('killtarget-linux-x64-musl'))
})

test('the loader finds a binary in any of the places, after missing or broken ones', async (t) => {
  for (const [index, place] of places.entries()) {
    const folder = copy(t)
    const paths = places.map((name) => (name.endsWith('.node') ? join(folder, name) : installed(folder, name)))
    for (const before of paths.slice(0, index)) writeFileSync(before, 'broken')
    copyFileSync(join(root, binary), paths[index]!)
    t.deepEqual(await load(t, folder), { method: truth.method } as Loaded, place)
  }
})

const unsupported = test.macro({
  title: (_, platform: string, arch: string) =>
    `the error on ${platform}-${arch} names the platform and the existing builds, and no useless remedy`,
  async exec(t, platform: string, arch: string) {
    t.deepEqual(await load(t, copy(t), platform, arch), {
      name: 'Error',
      code: 'ERR_BINDING_NOT_LOADED',
      message:
        `killtarget has no binary for ${platform}-${arch}. It has binaries for ` +
        'linux-x64, linux-arm64, darwin-x64, darwin-arm64, win32-x64, win32-arm64.\n' +
        'Use a runtime for one of these platforms, such as a 64-bit Node instead of a 32-bit one.',
    })
  },
})

test(unsupported, 'sunos', 'x64')
test(unsupported, 'linux', 'mips')
test(unsupported, 'win32', 'ia32')

test('import and require load the same instance of the package', async (t) => {
  t.deepEqual(await found(t, 'modules.mjs'), {
    names: [
      'KillError',
      'KillTarget',
      'capabilities',
      'contained',
      'descendants',
      'exited',
      'formatTree',
      'killOnAbort',
      'killOnExit',
      'listeners',
      'onParentExit',
      'resume',
      'spawn',
      'suspend',
      'terminate',
      'terminateSync',
      'waitOrKill',
    ],
    KillTarget: true,
    KillError: true,
    functions: true,
  })
})
