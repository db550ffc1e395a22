import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import type { StartError } from './windows-start-error.js'

/** What cannot be executed, and what is no folder and can never be: nobody can make files there. */
const NEVER =
  process.platform === 'darwin'
    ? { executable: '/dev/null', folder: '/dev/fd/none' }
    : { executable: '/proc/self/stat', folder: '/proc/self/none' }

/** Starts nothing: the runtime itself tells the error. Node throws all but these two. */
export function startFailing(
  error: StartError,
  guard: string,
  { file, args, options }: { file: string; args: readonly string[]; options: SpawnOptions },
): ChildProcess {
  if (error !== 'ENOENT' && error !== 'EACCES') {
    throw Object.assign(new Error(`spawn ${error}`), { errno: errnoOf(error), code: error, syscall: 'spawn' })
  }
  // A file has nothing below it. No working directory that does not exist can be relied on there.
  if (process.platform === 'win32') return startInstead(`${guard}\\none`, file, args, { ...options, cwd: undefined })
  if (error === 'ENOENT') return spawn(file, args, { ...options, cwd: NEVER.folder })
  return startInstead(NEVER.executable, file, args, { ...options, cwd: '/' })
}

/** Starts what cannot be started, and names the file in the error. */
function startInstead(never: string, file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(never, args, options)
  // Node names the file that the child has by then. Bun and Deno name this one.
  child.prependOnceListener('error', (failure: NodeJS.ErrnoException) => {
    failure.message = failure.message.replace(never, file)
    Object.assign(failure, { path: file, syscall: `spawn ${file}`, spawnargs: args })
    if (child.listenerCount('error') === 0) throw failure
  })
  return child
}

/** The number of an error, as Node has it: that of libuv on Windows. */
function errnoOf(error: StartError): number {
  if (process.platform === 'win32') {
    for (const [errno, [name]] of getSystemErrorMap()) if (name === error) return errno
  }
  return -(constants.errno[error as keyof typeof constants.errno] ?? 0)
}
