import { basename } from 'node:path'
import { unwrap } from './handle.js'
import { hostToken, withProcess } from './host-token.js'
import { native } from './native.js'
import { processInfo } from './process-info.js'

/** More than a package runner that starts a package runner needs. */
const MAX_ANCESTORS = 16

/** What is known of a process that has been reaped. */
const UNKNOWN = { ppid: null, sid: null, name: null, command: null, state: null }

/** How long to wait for the command line of an ancestor, in milliseconds. */
const READ_TIMEOUT = 1000
const READ_PAUSE = 5

/** What is known of an ancestor of this process. */
export interface Ancestor {
  readonly pid: number
  readonly ppid: number | null
  readonly sid: number | null
  readonly name: string | null
  /** The command line, or the title that the process has given itself; its name if neither can be read. */
  readonly words: readonly string[]
  /** The pid and the start time, as the guard's option `--parent` reads it. */
  readonly token: string
}

interface Found extends Ancestor {
  readonly isLineKnown: boolean
}

/** The processes that have asked for this one, the parent first; or a process in that line of which the parent has exited. */
export type Hosts = { readonly hosts: readonly Ancestor[] } | { readonly orphan: Ancestor }

/**
 * Finds the processes that have asked for this one.
 *
 * That is the parent. A package runner, or a shell with one command, lives on when the process that has started it exits. So
 * the parent of each such process is one, too. A parent outside this PID namespace is not found.
 */
export function findHosts(): Hosts {
  const line: Ancestor[] = []
  let child: Ancestor = look(process.pid)
  while (line.length < MAX_ANCESTORS && child.ppid !== null && child.ppid !== 0) {
    const parent = lookAtLine(child.ppid)
    // Only a process that was the parent before and after it was looked at is known to be the parent. What cannot be read now
    // tells nothing.
    const { ppid } = look(child.pid)
    if ((ppid !== null && ppid !== parent.pid) || isAdopted(child, parent)) return { orphan: child }
    line.push(parent)
    if (!isBetween(parent)) break
    child = parent
  }
  return { hosts: line }
}

/**
 * Also waits for the command line. It cannot be read while a thread of the process waits uninterruptibly, as for a disk. Then a
 * runner would look like any other program.
 */
function lookAtLine(pid: number): Found {
  const end = performance.now() + READ_TIMEOUT
  for (;;) {
    const found = look(pid)
    if (found.isLineKnown || performance.now() >= end) return found
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READ_PAUSE)
  }
}

function look(pid: number): Found {
  return withProcess(pid, (handle) => {
    const found = unwrap(native.info(handle), pid)
    const { sid, name, command, state, ...rest } = found == null ? UNKNOWN : processInfo(found)
    const ppid = pid === process.pid ? process.ppid : rest.ppid
    const words = command ?? [name ?? '']
    // A title is one word.
    const title = words.length === 1 ? words[0]!.split(' ') : words
    // A zombie has none.
    const isLineKnown = command !== null || found == null || state === 'Z'
    return { pid, ppid, sid, name, words: title, token: hostToken(pid, handle), isLineKnown }
  })
}

/**
 * Returns whether the kernel has given an orphan this parent. A process is in the session of the process that has started it,
 * or leads one. Orphans go to an init or to a subreaper, which is usually in another session. The guard's own subreaper is a
 * parent that has changed its session.
 */
function isAdopted(child: Ancestor, parent: Ancestor): boolean {
  if (child.sid === null || child.sid === 0 || parent.sid === null) return false
  if (parent.name?.startsWith('kt-keep') === true) return false
  return child.sid !== parent.sid && child.sid !== child.pid
}

/** Returns whether a process only waits for what it has started. */
function isBetween(ancestor: Ancestor): boolean {
  return process.platform === 'win32' ? isShellOfRuntime(ancestor) : isRunner(ancestor) || isShell(ancestor)
}

const RUNNER = /^(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|bunx|corepack)(?:-cli|-[\d.]+)?(?:\.[cm]?js)?$/

/** By its title, or by the program or the script that it runs: `npm exec`, `node /usr/lib/node_modules/npm/bin/npx-cli.js`. */
function isRunner({ words }: Ancestor): boolean {
  const [program = '', first = '', second = ''] = words.filter((word) => !word.startsWith('-'))
  if (['bun', 'deno'].includes(basename(program))) {
    return ['x', 'task'].includes(first) || [first, second].includes(process.env['npm_lifecycle_event'] ?? '-')
  }
  return [program, first].some((word) => RUNNER.test(basename(word)))
}

/** `sh -c`: what `shell: true`, system(3) and package runners start. */
export function isShell({ words: [program = '', ...args] }: Ancestor): boolean {
  return /^(?:a|ba|da|k|z)?sh$/.test(basename(program)) && args.slice(0, 2).some((option) => /^-\w*c$/.test(option))
}

/** Returns whether a process is a cmd.exe that Node, Bun or Deno has started: a package runner, or a program by `shell: true`. */
function isShellOfRuntime({ name, ppid }: Ancestor): boolean {
  if (name?.toLowerCase() !== 'cmd.exe' || ppid === null || ppid === 0) return false
  return /^(?:node|bun|deno)\.exe$/i.test(look(ppid).name ?? '')
}
