import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { found } from './helpers/fixture.ts'
import { truth } from './helpers/kernel.ts'

interface Loaded {
  method?: string
  name: string
  code: string
  message: string
  causes?: string[]
}

const root = fileURLToPath(new URL('../', import.meta.url))
const here = `${process.platform}-${process.arch}`
const binary = readdirSync(root).find((name) => name.endsWith('.node'))!

/** What is tried on this platform, in this order. */
const flavours = process.platform === 'linux' ? ['-gnu', '-musl'] : process.platform === 'win32' ? ['-msvc'] : ['']
const files = flavours.map((flavour) => `killtarget.${here}${flavour}.node`)
const packages = flavours.map((flavour) => `killtarget-${here}${flavour}`)
const places = flavours.flatMap((_, index) => [files[index]!, packages[index]!])

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

/** One error for all of it, with a line for each place. Resolves to those lines. */
function isNotLoaded(t: ExecutionContext, { message, causes, ...error }: Loaded): string[] {
  t.deepEqual(error, { name: 'Error', code: 'ERR_BINDING_NOT_LOADED' } as typeof error)
  const [first, ...lines] = message.split('\n')
  t.is(first, `killtarget could not load its build for ${here}:`)
  t.is(lines.length, places.length)
  t.is(causes?.length, places.length)
  for (const [index, place] of places.entries()) t.true(lines[index]!.startsWith('- ') && lines[index]!.includes(place))
  return lines
}

test('without a binary, one error names the platform and each place that was tried', async (t) => {
  const loaded = await load(t, copy(t))
  for (const line of isNotLoaded(t, loaded)) t.regex(line, /^- Cannot find module '[^']+'$/)
  for (const cause of loaded.causes!) t.regex(cause, /^MODULE_NOT_FOUND: /)
})

test('of a binary that is broken, the error says what the system said', async (t) => {
  const folder = copy(t)
  for (const file of files) writeFileSync(join(folder, file), 'no binary, but long enough for its header'.repeat(10))
  for (const name of packages) writeFileSync(installed(folder, name), '')
  const loaded = await load(t, folder)
  for (const line of isNotLoaded(t, loaded)) {
    if (process.platform === 'linux') t.regex(line, /\.node: (invalid ELF header|file too short)$/)
    t.true(line.includes(folder))
  }
  for (const cause of loaded.causes!) t.regex(cause, /^ERR_DLOPEN_FAILED: /)
})

test('what is missing and what is broken are told apart', async (t) => {
  const folder = copy(t)
  writeFileSync(installed(folder, packages[0]!), '')
  const [file, installedOne] = isNotLoaded(t, await load(t, folder))
  t.regex(file!, /Cannot find module/)
  t.notRegex(installedOne!, /Cannot find module/)
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
  title: (_, platform: string, arch: string) => `on ${platform}-${arch}, the error names that and the builds there are`,
  async exec(t, platform: string, arch: string) {
    t.deepEqual(await load(t, copy(t), platform, arch), {
      name: 'Error',
      code: 'ERR_BINDING_NOT_LOADED',
      message:
        `killtarget has no build for ${platform}-${arch}; there are builds for ` +
        'linux-x64, linux-arm64, darwin-x64, darwin-arm64, win32-x64, win32-arm64',
    })
  },
})

test(unsupported, 'sunos', 'x64')
test(unsupported, 'linux', 'mips')

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
