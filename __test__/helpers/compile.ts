import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../target/fixtures/', import.meta.url))

/** Why there are no programs of C. `undefined`: there are. */
export const noCompiler = spawnSync('cc', ['--version']).error && 'there is no C compiler'

/** The program of a fixture in C, built where it is not yet. `shared`: a library, to be preloaded. */
export function compiled(name: string, shared?: 'shared'): string {
  const source = fileURLToPath(new URL(`../fixtures/${name}.c`, import.meta.url))
  const program = folder + name
  if (modified(program) < modified(source)) compile(source, program, shared ? ['-shared', '-fPIC'] : [])
  return program
}

function compile(source: string, program: string, options: readonly string[]): void {
  mkdirSync(folder, { recursive: true })
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
