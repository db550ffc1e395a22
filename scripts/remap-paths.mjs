import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { root } from './run.mjs'

/**
 * The folders of this machine that a compiler would write into a binary, as in the message of a panic, each with the name
 * that it gets there. A later entry wins.
 *
 * @returns {[string, string][]}
 */
export function machinePaths(rustc = process.env.RUSTC ?? 'rustc') {
  const cargo = process.env.CARGO_HOME ?? `${homedir()}/.cargo`
  const source = `${sysroot(rustc)}/lib/rustlib/src/rust`
  const named = [
    [homedir(), '/home'],
    [cargo, '/cargo'],
    ...sourcesOf(cargo).map((path) => [path, '/cargo']),
    [source, '/rustc'],
    [root.replace(/[\\/]$/, ''), '/killtarget'],
  ]
  const real = named.filter(([path]) => existsSync(path)).map(([path, name]) => [realpathSync(path), name])
  // Not `/`, which may be the home of a user without one.
  return [...named, ...real].filter(([path]) => path.length > 1)
}

/** The folders that hold the crates. Their names are those of the registry that this machine asks. */
function sourcesOf(cargo) {
  const folder = `${cargo}/registry/src`
  return existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : []
}

/** The flags of rustc that keep these paths out of a binary. `RUSTFLAGS` cannot hold a path with a space. */
export function remapFlags(rustc) {
  const paths = machinePaths(rustc).filter(([path]) => !/\s/.test(path))
  return [...new Set(paths.map(([path, name]) => `--remap-path-prefix=${path}=${name}`))]
}

function sysroot(rustc) {
  return execFileSync(rustc, ['--print', 'sysroot'], { cwd: root, encoding: 'utf8' }).trim()
}
