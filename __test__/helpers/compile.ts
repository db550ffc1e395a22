import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [fixtures, target] = [new URL('../fixtures/', import.meta.url), new URL('../../target/', import.meta.url)]

/** Why no program in C can be built here. `undefined`: it can. */
export const noCompiler = spawnSync('cc', ['--version']).error && 'there is no C compiler'

/** Returns the path of a fixture in C. Builds it if it is missing or old. `shared`: a library to preload. */
export function compiled(name: string, shared?: 'shared'): string {
  return built(new URL(`${name}.c`, fixtures), `fixtures/${name}`, shared ? ['-shared', '-fPIC'] : [])
}

/** Returns the path of a program in C, in `target`. Builds it if it is missing or old. */
export function built(source: URL, name: string, options: readonly string[] = []): string {
  const [from, program] = [source, new URL(name, target)].map((url) => fileURLToPath(url)) as [string, string]
  const changed = Math.max(...[from, ...headers(dirname(from))].map(modified))
  if (modified(program) < changed) compile(from, program, options)
  return program
}

function compile(source: string, program: string, options: readonly string[]): void {
  mkdirSync(dirname(program), { recursive: true })
  // Test files run side by side. None may run a program that another has half written. Pids differ only in one namespace.
  const own = `${program}.${randomUUID()}`
  // Before glibc 2.34 the POSIX timers were in librt.
  const args = ['-Wall', '-O1', '-pthread', ...options, '-o', own, source, '-lrt']
  const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`cc could not build ${source}:\n${stderr}`)
  renameSync(own, program)
}

/** Returns all headers of the folder: a source may include any of them. */
function headers(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.h'))
  return names.map((name) => join(folder, name))
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
