import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { machinePaths } from '../remap-paths.mjs'
import { root } from '../run.mjs'
import { python } from './tools.mjs'

/** The limits of the published binary for each system. Every system that runs Node has these libraries. */
const systems = {
  'linux-gnu': {
    format: 'elf',
    libraries: /^(ld-linux-(x86-64|aarch64)\.so\.\d|lib(c|dl|m|pthread|rt)\.so\.\d)$/,
    mostBytes: 700_000,
  },
  'linux-musl': { format: 'elf', libraries: /^libc\.so$/, mostBytes: 700_000 },
  darwin: {
    format: 'mach-o',
    libraries: /^\/usr\/lib\/lib(System\.B|charset\.1|iconv\.2)\.dylib$/,
    mostBytes: 700_000,
  },
  // Windows has `bcryptprimitives` since 7, and the C runtime since 10. Node itself needs `iphlpapi` and `shell32`.
  'win32-msvc': {
    format: 'pe',
    libraries:
      /^(kernel32|ntdll|iphlpapi|shell32|bcryptprimitives|ws2_32|userenv|advapi32|api-ms-win-(core|crt)-[a-z0-9-]+|vcruntime140)\.dll$/i,
    mostBytes: 800_000,
  },
}

/** The newest versions that a binary may need: of glibc, and of macOS (the oldest that runs Node 20). */
const NEWEST = { GLIBC: [2, 17], macOS: [11, 0] }

const GUARD_MOST_BYTES = 150_000

const ENTRY = 'napi_register_module_v1'

/** C runtimes and linkers export a few symbols of their own. */
const MOST_OTHERS = { pe: 16, 'mach-o': 4 }

/**
 * Finds the faults of a binary, one a line.
 *
 * @param {string} platform
 * @param {{ format: string, architecture: string, interpreter: string | null, libraries: string[], versions: string[],
 *   exports: string[], imports: string[], symbols: number }} facts
 * @param {Buffer} bytes
 */
export function faultsOf(platform, facts, bytes) {
  const [os, architecture, abi] = platform.split('-')
  const system = systems[abi === undefined ? os : `${os}-${abi}`]
  const others = facts.exports.filter((name) => name !== ENTRY && name !== `_${ENTRY}`)
  const faults = {
    [`it is ${facts.format} for ${facts.architecture}`]:
      facts.format !== system.format || facts.architecture !== architecture,
    [`it has ${bytes.length} bytes, more than ${system.mostBytes}`]: bytes.length > system.mostBytes,
    [`it does not export ${ENTRY}`]: others.length === facts.exports.length,
    [`it exports others: ${others.join(', ')}`]: others.length > (MOST_OTHERS[facts.format] ?? 0),
    'it is not stripped': facts.symbols > 0,
    'it holds paths of this machine': holdsPaths(bytes),
    'it has the hooks of the tests': bytes.includes('panicNow'),
  }
  for (const name of facts.libraries) faults[`it needs ${name}`] = !system.libraries.test(name)
  for (const name of facts.versions) faults[`it needs ${name}`] = !isOldEnough(name)
  // Every runtime has Node-API. Only Node has libuv, and each version has another one.
  for (const name of facts.imports) faults[`it calls ${name} of libuv`] = /^_?uv_/.test(name)
  return Object.keys(faults).filter((fault) => faults[fault])
}

function isOldEnough(version) {
  const [, what, major, minor] = /^(\w+)_(\d+)\.(\d+)/.exec(version) ?? []
  const [newestMajor, newestMinor] = NEWEST[what] ?? []
  return Number(major) < newestMajor || (Number(major) === newestMajor && Number(minor) <= newestMinor)
}

/** The guard for Linux holds its C library. Elsewhere it needs the system's. */
const GUARDS = {
  linux: { format: 'elf', libraries: /^$/ },
  win32: systems['win32-msvc'],
  darwin: systems.darwin,
}

/** Finds the faults of the guard for a platform, one a line. */
export function guardFaultsOf(platform, facts, bytes) {
  const [os, architecture] = platform.split('-')
  const { format, libraries } = GUARDS[os]
  const faults = {
    [`it is ${facts.format} for ${facts.architecture}`]: facts.format !== format || facts.architecture !== architecture,
    [`it has ${bytes.length} bytes, more than ${GUARD_MOST_BYTES}`]: bytes.length > GUARD_MOST_BYTES,
    [`it needs the interpreter ${facts.interpreter}`]: facts.interpreter !== null,
    'it is not stripped': facts.symbols > 0,
    'it holds paths of this machine': holdsPaths(bytes),
  }
  for (const name of facts.libraries) faults[`it needs ${name}`] = !libraries.test(name)
  return Object.keys(faults).filter((fault) => faults[fault])
}

const holdsPaths = (bytes) => machinePaths().some(([path]) => bytes.includes(path))

/** Reads the facts about a binary, with the tools of `prepareTools()`. */
export function factsOf(file, tools) {
  const env = { ...process.env, ...tools }
  const output = execFileSync(python, [`${root}scripts/cross/facts.py`, file], { env, encoding: 'utf8' })
  return JSON.parse(output)[0]
}

/** Finds the faults of the binary for a platform. */
export function faultsIn(platform, file, tools) {
  return faultsOf(platform, factsOf(file, tools), readFileSync(file))
}

/** Finds the faults of a guard for a platform. */
export function guardFaultsIn(platform, file, tools) {
  return guardFaultsOf(platform, factsOf(file, tools), readFileSync(file))
}
