import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SpawnOptions } from 'node:child_process'

/** What the system would refuse the start of a program with. */
export type StartError = 'ENOENT' | 'EACCES'

/** Where programs are looked for if the environment has no `PATH`. */
const DEFAULT_PATH = '/usr/local/bin:/bin:/usr/bin'

/** More than the kernel reads of a script for its interpreter. */
const LINE_LENGTH = 256

/**
 * Returns why a program cannot be started, or `null` if nothing is known against it. It looks where `execvp(3)` does.
 *
 * @see {@link https://man7.org/linux/man-pages/man3/execvp.3.html}
 */
export function startError(file: string, { cwd, env = process.env }: SpawnOptions): StartError | null {
  const folder = cwd === undefined || cwd === null || cwd === '' ? '.' : cwd instanceof URL ? fileURLToPath(cwd) : cwd
  const folders = file.includes('/') ? [''] : (env['PATH'] ?? DEFAULT_PATH).split(':')
  let found: StartError = 'ENOENT'
  for (const each of folders) {
    const error = errorOf(resolve(folder, each, file))
    if (error === null) return null
    if (error === 'EACCES') found = error
  }
  return found
}

function errorOf(path: string): StartError | null {
  try {
    accessSync(path, constants.X_OK)
    if (!statSync(path).isFile()) return 'EACCES'
    const interpreter = interpreterOf(path)
    return interpreter !== null && isAbsolute(interpreter) ? errorOf(interpreter) : null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'EACCES' : 'ENOENT'
  }
}

/** Returns the interpreter that the first line of a script names, or `null` for another file. */
function interpreterOf(path: string): string | null {
  const start = Buffer.alloc(LINE_LENGTH)
  try {
    const file = openSync(path, 'r')
    try {
      readSync(file, start, 0, LINE_LENGTH, 0)
    } finally {
      closeSync(file)
    }
  } catch {
    return null // It may be executed without being read.
  }
  return /^#![ \t]*([^\s\0]+)/.exec(start.toString('latin1'))?.[1] ?? null
}
