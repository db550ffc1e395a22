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

/** What is tried on this platform, in this order. */
const flavours = process.platform === 'linux' ? ['-gnu', '-musl'] : process.platform === 'win32' ? ['-msvc'] : ['']
const files = flavours.map((flavour) => `killtarget.${here}${flavour}.node`)
const packages = flavours.map((flavour) => `killtarget-${here}${flavour}`)
const places = flavours.flatMap((_, index) => [files[index]!, packages[index]!])

/** What is published for each platform. */
const published = readdirSync(join(root, 'npm')).map((platform) => {
  const manifest = JSON.parse(readFileSync(join(root, 'npm', platform, 'package.json'), 'utf8'))
  return manifest as { name: string; os: [string]; cpu: [string]; libc?: ['glibc' | 'musl'] }
})

/** Those of them that fit here. */
const libc = isGlibc() ? 'glibc' : 'musl'
const wanted = published
  .filter(({ name, libc: [needed] = [libc] }) => packages.includes(name) && needed === libc)
  .map(({ name }) => name)

function isGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: Record<string, unknown> }
  return header['glibcVersionRuntime'] !== undefined
}

/** A copy of the package without its binary. It is gone with the test. */
function copy(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-loader-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const name of ['index.js', 'package.json']) copyFileSync(join(root, name), join(folder, name))
  return folder
}

/** Where a package for the platform has its binary. */
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
  'node_modules and the lock file and install again: npm may have made them for another platform only.'

const broken = (name: string) =>
  `The package ${name} is installed, but does not load for the reason above. If it is damaged or from another ` +
  'machine, remove node_modules and install again on this machine.'

/** One error for all of it, with a line for each place and one that says what to do. Resolves to those of the places. */
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

test('there is one package for this machine', (t) => {
  t.is(wanted.length, 1)
})

test('without a binary, one error names the platform, each place that was tried, and what to install', async (t) => {
  const loaded = await load(t, copy(t))
  for (const line of isNotLoaded(t, loaded, missing(wanted[0]!))) t.regex(line, /^- Cannot find module '[^']+'$/)
  for (const cause of loaded.causes!) t.regex(cause, /^MODULE_NOT_FOUND: /)
})

const elsewhere = test.macro({
  title: (_, { name }: (typeof published)[number]) =>
    `without a binary, the error says to install ${name} where that fits`,
  async exec(t, { name, os: [os], cpu: [cpu], libc: needed }: (typeof published)[number]) {
    const { code, message } = await load(t, copy(t), os, cpu, needed?.[0] ?? '')
    t.is(code, 'ERR_BINDING_NOT_LOADED')
    t.is(message.split('\n').at(-1), missing(name))
  },
})

for (const manifest of published) test(elsewhere, manifest)

test('where nothing tells which C library there is, the error names the packages for both', async (t) => {
  const { message } = await load(t, copy(t), 'linux', 'x64', 'unknown')
  t.is(message.split('\n').at(-1), missing('killtarget-linux-x64-gnu or killtarget-linux-x64-musl'))
})

test('of a binary that is broken, the error says what the system said, and to install it again', async (t) => {
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

test('what is missing and what is broken are told apart', async (t) => {
  const folder = copy(t)
  writeFileSync(installed(folder, packages[0]!), '')
  const remedy = packages[0] === wanted[0] ? broken : missing
  const [file, installedOne] = isNotLoaded(t, await load(t, folder), remedy(wanted[0]!))
  t.regex(file!, /Cannot find module/)
  t.notRegex(installedOne!, /Cannot find module/)
})

test('the package for another C library, as in what was copied to Alpine, is not the one to repair', async (t) => {
  const folder = copy(t)
  writeFileSync(installed(folder, 'killtarget-linux-x64-gnu'), '')
  const { message } = await load(t, folder, 'linux', 'x64', 'musl')
  t.is(message.split('\n').at(-1), missing('killtarget-linux-x64-musl'))
})

test('a binary is taken from any of the places, past those that are missing or broken', async (t) => {
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
    `on ${platform}-${arch}, the error names that and the builds there are, and not what does not help`,
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

test('import and require give the same', async (t) => {
  t.deepEqual(await found(t, 'modules.mjs'), {
    names: [
      'KillError',
      'KillTarget',
      'capabilities',
      'descendants',
      'killOnAbort',
      'terminate',
      'terminateSync',
      'waitOrKill',
    ],
    KillTarget: true,
    KillError: true,
    functions: true,
  })
})
