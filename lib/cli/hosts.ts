import { type Ancestor, findHosts, isShell } from '../hosts.js'
import { CommandError } from './command-error.js'

/** How many the guard takes. On Windows this process is one of them. */
const MAX_HOSTS = process.platform === 'win32' ? 3 : 4

/**
 * Returns the processes that have asked for the command, as the guard's option `--parent` reads them.
 *
 * @throws `CommandError` if one of them has exited.
 */
export function hostOptions(): string[] {
  const found = findHosts()
  if ('orphan' in found) throw parentIsGone(found.orphan)
  return chosen(found.hosts).map(({ token }) => token)
}

function parentIsGone({ pid, words }: Ancestor): CommandError {
  const subject = pid === process.pid ? 'this command' : `\`${words.join(' ')}\``
  return new CommandError(
    `The process that started ${subject} has exited. Nothing is started. To start it all the same: --orphaned=leave`,
    125,
  )
}

/** If there are too many, leaves out shells, and then runners: they exit when what they have started exits. */
function chosen(line: readonly Ancestor[]): readonly Ancestor[] {
  if (line.length <= MAX_HOSTS) return line
  const ends = new Set([line[0], line.at(-1)])
  const kept = line.filter((process) => ends.has(process) || !isShell(process))
  return kept.length <= MAX_HOSTS ? kept : [...kept.slice(0, MAX_HOSTS - 1), kept.at(-1)!]
}
