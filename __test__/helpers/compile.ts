import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
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
  if (modified(program) < modified(from)) compile(from, program, options)
  return program
}

function compile(source: string, program: string, options: readonly string[]): void {
  mkdirSync(dirname(program), { recursive: true })
  // Test files run side by side: none may run what another has half written.
  const own = `${program}.${process.pid}`
  const args = ['-Wall', '-O1', '-pthread', ...options, '-o', own, source]
  const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`cc could not build ${source}:\n${stderr}`)
  renameSync(own, program)
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
