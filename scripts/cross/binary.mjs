import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { root } from '../run.mjs'
import { python } from './tools.mjs'

/** What the binary for each system is, and the libraries that are there wherever Node is. */
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
  // Of these `bcryptprimitives` has been there since Windows 7, and the C runtime since Windows 10.
  'win32-msvc': {
    format: 'pe',
    libraries:
      /^(kernel32|ntdll|bcryptprimitives|ws2_32|userenv|advapi32|api-ms-win-(core|crt)-[a-z0-9-]+|vcruntime140)\.dll$/i,
    mostBytes: 800_000,
  },
}

/** The newest that may be needed: of glibc, and of macOS (the oldest that Node 20 runs on). */
const NEWEST = { GLIBC: [2, 17], macOS: [11, 0] }

const ENTRY = 'napi_register_module_v1'

/** Runtimes and linkers export some of their own. */
const MOST_OTHERS = { pe: 16, 'mach-o': 4 }

/**
 * What is wrong with a binary, each in a line.
 *
 * @param {string} platform
 * @param {{ format: string, architecture: string, libraries: string[], versions: string[], exports: string[],
 *   imports: string[], symbols: number }} facts
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
    'it has the hooks of the tests': bytes.includes('panicNow'),
  }
  for (const name of facts.libraries) faults[`it needs ${name}`] = !system.libraries.test(name)
  for (const name of facts.versions) faults[`it needs ${name}`] = !isOldEnough(name)
  // Node-API is the same in every runtime; libuv is Node's alone, and another one in each version.
  for (const name of facts.imports) faults[`it calls ${name} of libuv`] = /^_?uv_/.test(name)
  return Object.keys(faults).filter((fault) => faults[fault])
}

function isOldEnough(version) {
  const [, what, major, minor] = /^(\w+)_(\d+)\.(\d+)/.exec(version) ?? []
  const [newestMajor, newestMinor] = NEWEST[what] ?? []
  return Number(major) < newestMajor || (Number(major) === newestMajor && Number(minor) <= newestMinor)
}

/** What a binary says of itself. It takes the tools of `prepareTools()`. */
export function factsOf(file, tools) {
  const env = { ...process.env, ...tools }
  const output = execFileSync(python, [`${root}scripts/cross/facts.py`, file], { env, encoding: 'utf8' })
  return JSON.parse(output)[0]
}

/** What is wrong with the binary of a platform. */
export function faultsIn(platform, file, tools) {
  return faultsOf(platform, factsOf(file, tools), readFileSync(file))
}
