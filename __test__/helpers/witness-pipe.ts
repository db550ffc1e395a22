import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** A pipe whose write end every process of a program holds until it exits. No other process has it. */
export interface WitnessPipe {
  writer: number
  /** Closes the write end of this process. */
  closeWriter(): void
  /** Returns whether any process of the program is alive. Asks the kernel, as a scan of `/proc` can miss some. */
  hasWriters(): boolean
  /** Closes the end that is asked. */
  close(): void
}

export function witnessPipe(): WitnessPipe {
  const folder = mkdtempSync(`${tmpdir()}/killtarget-`)
  const path = `${folder}/pipe`
  spawnSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY)
  rmSync(folder, { recursive: true })
  return {
    writer,
    closeWriter: () => closeSync(writer),
    hasWriters: () => hasWriters(reader),
    close: () => closeSync(reader),
  }
}

/** Nothing is ever written. A read finds the end of the file, or EAGAIN while a process has the write end. */
function hasWriters(reader: number): boolean {
  try {
    readSync(reader, Buffer.alloc(1))
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return true
    throw error
  }
}
