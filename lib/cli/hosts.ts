import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { unwrap } from '../handle.js'
import { hostToken, withProcess } from '../host-token.js'
import { native } from '../native.js'
import { CommandError } from './command-error.js'

/** How many the guard takes. On Windows this process is one of them. */
const MAX_HOSTS = process.platform === 'win32' ? 3 : 4

/** More than a package runner that starts a package runner needs. */
const MAX_ANCESTORS = 16

/** What `isBetween` and `isAdopted` need to know about a process, and its name for the guard. */
interface Ancestor {
  readonly pid: number
  readonly ppid: number | null
  readonly sid: number | null
  readonly name: string | null
  /** The command line, or the title that the process has given itself. */
  readonly words: readonly string[]
  /** The pid and the start time, as the guard's option `--parent` reads it. */
  readonly token: string
}

/**
 * Finds the processes that have asked for the command, and returns them as the guard's option `--parent` reads them.
 *
 * That is the parent. A package runner, or a shell with one command, lives on when the process that has started it exits. So
 * the parent of each such process is one, too.
 *
 * @throws `CommandError` if one of them has exited.
 */
export function findHosts(): string[] {
  const line: Ancestor[] = []
  let child = look(process.pid)
  while (line.length < MAX_ANCESTORS && child.ppid !== null && child.ppid !== 0) {
    const parent = look(child.ppid)
    // Only a process that was the parent before and after it was looked at is known to be the parent.
    if (look(child.pid).ppid !== parent.pid || isAdopted(child, parent)) throw parentIsGone(child)
    line.push(parent)
    if (!isBetween(parent)) break
    child = parent
  }
  return chosen(line).map(({ token }) => token)
}

function look(pid: number): Ancestor {
  return withProcess(pid, (handle) => {
    const { ppid = null, sid = null, name = null } = unwrap(native.info(handle), pid) ?? {}
    return { pid, ppid, sid, name, words: wordsOf(pid), token: hostToken(pid, handle) }
  })
}

function wordsOf(pid: number): string[] {
  if (process.platform === 'win32') return []
  try {
    if (process.platform === 'darwin') {
      return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .split(' ')
    }
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0')
    return words.length === 1 ? words[0]!.split(' ') : words
  } catch {
    // It has exited, or is hidden.
    return []
  }
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

function parentIsGone({ pid, words }: Ancestor): CommandError {
  const subject = pid === process.pid ? 'this command' : `\`${words.join(' ')}\``
  return new CommandError(
    `The process that started ${subject} has exited. Nothing is started. To start it all the same: --orphaned=leave`,
    125,
  )
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
function isShell({ words: [program = '', ...args] }: Ancestor): boolean {
  return /^(?:a|ba|da|k|z)?sh$/.test(basename(program)) && args.slice(0, 2).some((option) => /^-\w*c$/.test(option))
}

/**
 * Returns whether a process is a cmd.exe that Node, Bun or Deno has started: a package runner, or a program by `shell: true`. Windows
 * does not tell the command lines of others.
 */
function isShellOfRuntime({ name, ppid }: Ancestor): boolean {
  if (name?.toLowerCase() !== 'cmd.exe' || ppid === null || ppid === 0) return false
  return /^(?:node|bun|deno)\.exe$/i.test(look(ppid).name ?? '')
}

/** If there are too many, leaves out shells, and then runners: they exit when what they have started exits. */
function chosen(line: readonly Ancestor[]): readonly Ancestor[] {
  if (line.length <= MAX_HOSTS) return line
  const ends = new Set([line[0], line.at(-1)])
  const kept = line.filter((process) => ends.has(process) || !isShell(process))
  return kept.length <= MAX_HOSTS ? kept : [...kept.slice(0, MAX_HOSTS - 1), kept.at(-1)!]
}
