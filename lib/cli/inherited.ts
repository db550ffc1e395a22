import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

interface Descriptor {
  readonly number: number
  /** Where its link in `/proc/self/fd` leads: a path, or the kind and inode. */
  readonly file: string
  readonly isClosedOnExec: boolean
}

const O_CLOEXEC = 0o2000000

/**
 * Returns the descriptors that this process was started with, but would not pass on. Node and Bun mark
 * them so. Deno does not.
 */
export function inheritedDescriptors(): number[] {
  if (process.platform !== 'linux' || 'deno' in process.versions) return []
  const all = listed().flatMap((name) => look(Number(name)))
  const marked = all.filter(({ isClosedOnExec }) => isClosedOnExec)
  return marked.filter(({ number, file }) => number <= 2 || !isOfRuntime(file, marked)).map(({ number }) => number)
}

/** Without `/proc` there is none. The guard then says why it starts nothing. */
function listed(): string[] {
  try {
    return readdirSync('/proc/self/fd')
  } catch {
    return []
  }
}

function look(number: number): Descriptor[] {
  try {
    const [, flags] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, 'utf8'))!
    const isClosedOnExec = (Number.parseInt(flags!, 8) & O_CLOEXEC) !== 0
    return [{ number, file: readlinkSync(`/proc/self/fd/${number}`), isClosedOnExec }]
  } catch {
    // That of the folder, which is closed.
    return []
  }
}

/** What Node and Bun open before it runs a script: event queues, and pipes of which it has both ends. */
function isOfRuntime(file: string, all: readonly Descriptor[]): boolean {
  return (
    file.startsWith('anon_inode:') || (file.startsWith('pipe:') && all.filter((one) => one.file === file).length > 1)
  )
}
