import { statSync } from 'node:fs'
import { resolve, win32 } from 'node:path'

/** What the system would refuse the start of a program with: `'ENOENT'`, `'EACCES'`, `'ENOTDIR'`, `'ELOOP'`, `'ENAMETOOLONG'` … */
export type StartError = string

/** Tried behind a name that is no file by itself. */
const EXTENSIONS = ['.com', '.exe']

/**
 * Returns why Node would not start a program on Windows, or `null` if nothing is known against it. It looks where libuv does, and
 * so does the guard.
 *
 * Node starts no batch files: what they do with their arguments cannot be told by rules.
 */
export function windowsStartError(
  file: string,
  folder: string,
  environment: Record<string, string | undefined>,
): StartError | null {
  if (/\.(?:bat|cmd)$/i.test(file)) return 'EINVAL'
  if (!isFolder(folder)) return 'ENOENT'
  const hasFolder = /[\\/:]/.test(file)
  const folders = hasFolder ? [''] : ['', ...foldersIn(environment)]
  const names = candidates(win32.basename(file), file)
  return folders.some((each) => names.some((name) => isFile(resolve(folder, each, name)))) ? null : 'ENOENT'
}

function candidates(base: string, file: string): string[] {
  if (base === '' || base === '.') return []
  const added = EXTENSIONS.map((extension) => file + extension)
  return /\.[^.]+$/.test(base) ? [file, ...added] : added
}

/** The folders of `PATH`, in whatever case that is written. A folder may be quoted, and have a semicolon then. */
function foldersIn(environment: Record<string, string | undefined>): string[] {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH')
  const path = name === undefined ? '' : (environment[name] ?? '')
  const folders = path.match(/(?:"[^"]*"?|[^;"])+/g) ?? []
  return folders.map((each) => each.replaceAll('"', '')).filter((each) => each !== '')
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
