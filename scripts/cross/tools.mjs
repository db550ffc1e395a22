import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { aptInstall } from '../apt.mjs'
import { fail, prepareBy, root } from '../run.mjs'

/** From PyPI: zig links for all platforms, cargo-zigbuild makes cargo use it, lief reads binaries. */
const PYTHON = { 'cargo-zigbuild': '0.24.1', lief: '1.0.0', ziglang: '0.17.1' }
export const python = process.platform === 'win32' ? 'python' : 'python3'
const pythonFolder = `${root}target/cross-tools`

/** Debian's compiler comes with the source of its standard library. */
const DEBIAN = { compiler: '/usr/bin/rustc', packages: ['rustc-web', 'rust-web-src'] }

/**
 * Finds or installs the tools for cross builds: zig, and a compiler with the source of its standard library.
 *
 * @returns {Promise<Record<string, string>>} the environment for `cargo zigbuild`
 */
export async function prepareTools() {
  await installPython()
  const [compiler, environment] = [await findCompiler(), process.env]
  const path = `${pythonFolder}/bin${delimiter}${environment.PATH}`
  const pythonPath = [pythonFolder, environment.PYTHONPATH].filter(Boolean).join(delimiter)
  // The bootstrap variable lets a stable compiler build its standard library.
  return { RUSTC: compiler, RUSTC_BOOTSTRAP: '1', PATH: path, PYTHONPATH: pythonPath, LIBNODE_PATH: emptyNode() }
}

async function installPython() {
  const isThere = ([name, version]) => existsSync(`${pythonFolder}/${name.replace('-', '_')}-${version}.dist-info`)
  if (Object.entries(PYTHON).every(isThere)) return
  const specifiers = Object.entries(PYTHON).map(([name, version]) => `${name}==${version}`)
  const options = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--upgrade']
  await prepareBy(python, ['-m', 'pip', 'install', ...options, '--target', pythonFolder, ...specifiers])
}

/**
 * With LLVM's runtime for Windows, napi links against a library of Node. The binary looks up Node's functions when it is
 * loaded and takes nothing from that library, so an empty archive will do.
 */
function emptyNode() {
  const folder = `${pythonFolder}/node`
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/libnode.dll`, '')
  writeFileSync(`${folder}/libnode.a`, '!<arch>\n')
  return folder
}

/** Finds rustup's compiler if it has the component `rust-src`, otherwise Debian's. */
async function findCompiler() {
  const own = output('rustup', ['which', 'rustc'])
  if (own !== undefined && hasSource(own)) return own
  if (!hasSource(DEBIAN.compiler)) await aptInstall(DEBIAN.packages)
  if (hasSource(DEBIAN.compiler)) return DEBIAN.compiler
  return fail('The source of the standard library is needed: `rustup component add rust-src`, then try again.')
}

function hasSource(compiler) {
  const sysroot = output(compiler, ['--print', 'sysroot'])
  return sysroot !== undefined && existsSync(`${sysroot}/lib/rustlib/src/rust/library/std/Cargo.toml`)
}

/** Returns what a program prints, or `undefined` if it is not there or fails. */
export function output(program, args) {
  try {
    return execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
