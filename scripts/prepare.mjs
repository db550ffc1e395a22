import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { fail, root, run } from './run.mjs'

/** Brings a fresh clone, or a stale one, to where the package can be used: dependencies and a release build. */
export async function prepare() {
  requireTools()
  await install()
  if (isStale()) await build()
}

/** The release build: the binary and its types, the types of the rest, and all of the rest in one file. */
export async function build() {
  await run('napi', ['build', '--platform', '--release', '--no-js', '--dts', 'binding.d.ts'], { log: true })
  await run('tsc', ['--project', '.'], { log: true })
  const { bundle } = await import('./bundle.mjs') // installed by now
  await bundle()
}

function requireTools() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or later is needed; this is ${process.version}.`)
  if (spawnSync('cargo', ['--version'], { cwd: root }).status !== 0) {
    fail('There is no Rust toolchain here: install Rust 1.88 or later (cargo must be on the PATH), then try again.')
  }
}

async function install() {
  const installed = modified('node_modules/.package-lock.json')
  if (installed !== undefined && installed >= modified('package-lock.json')) return
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { log: true })
}

/** Whether any source is younger than what was built from it. */
function isStale() {
  const sources = [
    'Cargo.toml',
    'Cargo.lock',
    'build.rs',
    'package.json',
    'tsconfig.json',
    'scripts/bundle.mjs',
    'index.ts',
    'tree-kill.ts',
  ]
    .concat(files('src', '.rs'), files('crates', '.rs'), files('crates', 'Cargo.toml'), files('lib', '.ts'))
    .filter((file) => !file.endsWith('.d.ts'))
  const binaries = files('.', '.node', false)
  const built = ['index.js', 'index.d.ts', 'tree-kill.js', 'tree-kill.d.ts', 'binding.d.ts', 'lib/native.d.ts'].map(
    modified,
  )
  // Those of other platforms, from a cross build, may be of any age.
  built.push(binaries.length === 0 ? undefined : Math.max(...binaries.map(modified)))
  if (built.includes(undefined)) return true
  return Math.max(...sources.map(modified)) > Math.min(...built)
}

function files(folder, ending, recursive = true) {
  return readdirSync(`${root}${folder}`, { recursive })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`)
}

function modified(file) {
  return statSync(`${root}${file}`, { throwIfNoEntry: false })?.mtimeMs
}
