import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [fixtures, target] = [new URL('../fixtures/', import.meta.url), new URL('../../target/', import.meta.url)]

/** Why there are no programs of C. `undefined`: there are. */
export const noCompiler = spawnSync('cc', ['--version']).error && 'there is no C compiler'

/** The program of a fixture in C, built where it is not yet. `shared`: a library, to be preloaded. */
export function compiled(name: string, shared?: 'shared'): string {
  return built(new URL(`${name}.c`, fixtures), `fixtures/${name}`, shared ? ['-shared', '-fPIC'] : [])
}

/** The program of any source in C, built in `target` where it is not yet. */
export function built(source: URL, name: string, options: readonly string[] = []): string {
  const [from, program] = [source, new URL(name, target)].map((url) => fileURLToPath(url)) as [string, string]
  const changed = Math.max(...[from, ...headers(dirname(from))].map(modified))
  if (modified(program) < changed) compile(from, program, options)
  return program
}

function compile(source: string, program: string, options: readonly string[]): void {
  mkdirSync(dirname(program), { recursive: true })
  // Test files run side by side: none may run what another has half written. In namespaces they may have the same pid.
  const own = `${program}.${randomUUID()}`
  // The timers of POSIX were in a library of their own once.
  const args = ['-Wall', '-O1', '-pthread', ...options, '-o', own, source, '-lrt']
  const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`cc could not build ${source}:\n${stderr}`)
  renameSync(own, program)
}

/** Any of these may be what a source includes. */
function headers(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.h'))
  return names.map((name) => join(folder, name))
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
