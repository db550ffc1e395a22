import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { SpawnOptions } from 'node:child_process'
import { type StartError, windowsStartError } from './windows-start-error.js'

/** Where programs are looked for if the environment has no `PATH`, also by the guard. */
const DEFAULT_PATH = '/bin:/usr/bin'

/** What the kernel says of a path. Other errors are of the look itself, such as a permission that Deno or Node has not given. */
const OF_PATHS: ReadonlySet<StartError> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'])

/** `PATH_MAX`. A longer folder of `PATH` is skipped. */
const MAX_FOLDER = 4096

/** After one of these, `execvp(3)` looks in the next folder. */
const NEXT_FOLDER: ReadonlySet<StartError> = new Set(['ENOENT', 'ENOTDIR', 'EACCES'])

/** What the kernel reads of a script for its interpreter. */
const LINE_LENGTH = 256

/** An interpreter may be a script, and so on: so often. */
const MAX_INTERPRETERS = 5

/**
 * Returns why a program cannot be started, or `null` if nothing is known against it. It looks where `execvp(3)` does, and on
 * Windows where libuv does.
 *
 * @see {@link https://man7.org/linux/man-pages/man3/execvp.3.html}
 */
export function startError(file: string, { cwd, env }: SpawnOptions): StartError | null {
  const folder = cwd === undefined || cwd === null || cwd === '' ? '.' : cwd instanceof URL ? fileURLToPath(cwd) : cwd
  // Node takes `null` for the environment of this process, too.
  const environment = env ?? process.env
  if (process.platform === 'win32') return windowsStartError(file, folder, environment)
  const refusal = folder === '.' ? null : folderError(folder)
  if (refusal !== null) return refusal
  if (file.includes('/')) return errorOf(pathIn(folder, file), folder, 0)
  let found: StartError = 'ENOENT'
  for (const each of (environment['PATH'] ?? DEFAULT_PATH).split(':')) {
    if (Buffer.byteLength(each) >= MAX_FOLDER) continue
    const error = errorOf(pathIn(folder, `${each || '.'}/${file}`), folder, 0)
    if (error === null || !NEXT_FOLDER.has(error)) return error
    if (found !== 'EACCES') found = error
  }
  return found
}

/**
 * Returns a path for this process that is a path for a process in a folder. The kernel follows it: `..` leaves the folder that a
 * link leads to, and the names of this process's folder may be no text.
 */
function pathIn(folder: string, path: string): string {
  return path.startsWith('/') || folder === '.' ? path : `${folder}/${path}`
}

/** The working directory is changed first. Bun and Deno would name the guard in the error. */
function folderError(folder: unknown): StartError | null {
  // The runtime tells what is wrong with other values.
  if (typeof folder !== 'string' || folder.includes('\0')) return null
  try {
    return statSync(folder).isDirectory() ? null : 'ENOTDIR'
  } catch (error) {
    return ofPath(error)
  }
}

/** Returns what an error says of a path, or `null` if it says nothing of that. */
function ofPath(error: unknown): StartError | null {
  const { code } = error as NodeJS.ErrnoException
  return code !== undefined && OF_PATHS.has(code) ? code : null
}

/** A relative interpreter is looked for in the working directory. */
function errorOf(path: string, folder: string, depth: number): StartError | null {
  try {
    accessSync(path, constants.X_OK)
    if (!statSync(path).isFile()) return 'EACCES'
  } catch (error) {
    return ofPath(error)
  }
  if (depth > MAX_INTERPRETERS) return 'ELOOP'
  const interpreter = interpreterOf(path)
  return interpreter === null ? null : errorOf(pathIn(folder, interpreter), folder, depth + 1)
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
  // The kernel separates by these four only. A line from Windows names an interpreter that ends with a carriage return.
  const interpreter = /^#![ \t]*([^ \t\n\0]+)[ \t\n\0]/.exec(start.toString())?.[1] ?? null
  return interpreter?.includes('\ufffd') ? null : interpreter // Bytes that are not UTF-8.
}
