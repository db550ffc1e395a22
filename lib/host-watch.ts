import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Request } from '../binding.js'
import { KillError } from './errors.js'
import { finisher, type Finisher, HEADER } from './finisher.js'
import { guardProgram, NOT_STARTED } from './guard-program.js'
import { ownHostToken } from './host-token.js'
import { sharedState } from './native.js'

/** What is terminated once this process has exited. */
export interface Watched {
  readonly token: string
  readonly request: Request
  /** The tokens of the processes that are left alone. */
  readonly except: readonly string[]
}

/** The list, as a file that the watch has as its standard input. It has no name any more. */
interface File {
  readonly fd: number
  readonly library: string
  /** Where the list is. */
  offset: number
  length: number
}

/** The first list comes right behind the line that says where it is. */
const UNWRITTEN = { offset: HEADER, length: 0 }

interface State {
  readonly watched: Set<Watched>
  file: File | undefined
}

/** Shared, as a test runner loads the package once for each file of tests. There is one watch all the same. */
const state = sharedState('watch', (): State => ({ watched: new Set(), file: undefined }))
const { watched } = state

/**
 * Adds a termination to those that are carried out once this process has exited, in whatever way. The first call starts the
 * watch: a small process that waits for that. Returns a function that removes it.
 *
 * @throws {KillError} the watch could not be started, or the list not be written.
 */
export function watch(each: Watched): () => void {
  watched.add(each)
  try {
    if (state.file === undefined) state.file = startWatch()
    else writeList(state.file)
  } catch (error) {
    watched.delete(each)
    emptyUnlessWatched()
    throw inKillError(error)
  }
  return () => {
    if (!watched.delete(each)) return
    try {
      if (watched.size > 0) writeList(state.file!)
      else finishWatch()
    } catch (error) {
      throw inKillError(error)
    }
  }
}

/**
 * Lets the watch do nothing: nothing is left to terminate, or this process has carried it out itself. The watch starts no runtime
 * for an empty file.
 */
export function finishWatch(): void {
  const { file } = state
  if (file === undefined) return
  ftruncateSync(file.fd)
  Object.assign(file, UNWRITTEN)
}

/** After a failed write, which may have left a part of a list. */
function emptyUnlessWatched(): void {
  if (watched.size > 0) return
  try {
    finishWatch()
  } catch {
    // The runtime then finds no list in the file.
  }
}

function startWatch(): File {
  const program = finisher()
  const fd = openUnnamed()
  try {
    const made = { fd, library: program.library, ...UNWRITTEN }
    writeList(made)
    start(program, fd)
    return made
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** The folders for a file without a name. A container may have its temporary folder read-only, and has the other one. */
const FOLDERS = [tmpdir, ...(process.platform === 'linux' ? [() => '/dev/shm'] : [])]

function openUnnamed(): number {
  const errors: unknown[] = []
  for (const folder of FOLDERS) {
    try {
      return openUnnamedIn(folder())
    } catch (error) {
      errors.push(error)
    }
  }
  throw errors[0]
}

function openUnnamedIn(folder: string): number {
  const path = join(folder, `killtarget-${randomUUID()}`)
  const fd = openSync(path, 'wx+', 0o600)
  try {
    unlinkSync(path)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * Starts the watch. Except on Windows, it does not stay a child of this process. If this process is killed before the watch has
 * looked for it, that is an exit, too.
 */
function start({ command, env }: Finisher, fd: number): void {
  const args = ['--watch', `--parent=${ownHostToken()}`, '--', ...command]
  const options = { env, windowsHide: true }
  // There the first process lives on. And spawnSync() of Deno knows no descriptors.
  if (process.platform === 'win32' || process.versions['deno'] !== undefined) {
    const child = spawn(guardProgram(), args, { ...options, stdio: [fd, 'ignore', 'ignore'], detached: true })
    child.once('error', () => {})
    // The error comes later, and may be one that has no code.
    if (child.pid === undefined) throw notWatched('EACCES', undefined, NOT_STARTED)
    try {
      child.unref()
    } catch {
      // Deno: it has exited already, and keeps nothing alive.
    }
    return
  }
  const { status, error, stderr } = spawnSync(guardProgram(), args, {
    ...options,
    stdio: [fd, 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status === 0) return
  const { code = 'EAGAIN', errno, message } = (error ?? {}) as NodeJS.ErrnoException
  const reason = message ?? (stderr.trim() || `it exited with ${status}`)
  throw notWatched(code, errno, reason)
}

/** Deno's own errors, of a missing permission, stay as they are. */
function inKillError(error: unknown): unknown {
  const { code, errno, message } = error as NodeJS.ErrnoException
  return error instanceof KillError || code === undefined || errno === undefined
    ? error
    : notWatched(code, errno, message)
}

function notWatched(code: string, errno: number | undefined, reason: string): KillError {
  return new KillError({ code, errno, message: `Cannot watch this process: ${reason}`, pid: process.pid })
}

/**
 * Writes the list behind or before the last one, and then where it is, in one call. So the file has a whole list at any moment,
 * or the header of none, whenever this process is killed.
 */
function writeList(into: File): void {
  const { fd, library, offset, length } = into
  const targets = [...watched]
  const list = Buffer.from(
    JSON.stringify({ library, targets }, (_, value) => (value === Infinity ? 'Infinity' : value)),
  )
  const next = HEADER + list.length <= offset ? HEADER : offset + length
  writeAll(fd, list, next)
  writeAll(fd, Buffer.from(`${next} ${list.length}`.padEnd(HEADER)), 0)
  into.offset = next
  into.length = list.length
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, position + at)
}
