import { formatTree, KillError, KillTarget, listeners, type ProcessInfo } from '../../index.js'
import type { ExitCode } from './exit-code.js'
import { reportError, type Reporter, type Subject, unnamed } from './reporter.js'
import { usage } from './usage.js'

/** A process that the command line names. */
export interface Named extends Subject {
  readonly pid: number
  /** It is open, so that no later process with its pid is meant. */
  readonly target: KillTarget
  readonly info: ProcessInfo | null
}

/** An argument, and the processes that it names: none, if nothing listens on the port. */
export interface Argument {
  readonly text: string
  readonly named: readonly Named[]
}

const [PID, PORT, TOKEN] = [/^(?:0|[1-9]\d*)$/, /^:(\d+)$/, /^(?:kt1\.|\d+:\d+$)/]

/**
 * Opens the processes that the arguments name: a pid, a token, or a port as `:3000`. All are opened before anything is done to
 * one of them.
 *
 * @throws `CommandError` and `TypeError`: there is no argument, or one is none of these. Nothing stays open.
 */
export function openTargets(args: readonly string[], help: string, reporter: Reporter): [Argument[], ExitCode[]] {
  if (args.length === 0) throw usage(`Expected a pid, a token or a port such as :3000. See \`${help}\`.`)
  const [opened, failed]: [Argument[], ExitCode[]] = [[], []]
  for (const text of args) {
    try {
      opened.push({ text, named: open(text).map((target) => nameTarget(text, target)) })
    } catch (error) {
      if (!(error instanceof KillError)) {
        close(opened)
        throw error
      }
      failed.push(reportError(unnamed(text), error, reporter))
    }
  }
  return [opened, failed]
}

/** A target, and it with its descendants. */
export interface Found {
  readonly of: Named
  readonly processes: readonly ProcessInfo[]
}

/** Returns each process once: that of a port may have started another one of that port. */
export function distinct(found: readonly Found[]): ProcessInfo[] {
  const pids = new Set<number>()
  return found.flatMap(({ processes }) => processes).filter(({ pid }) => !pids.has(pid) && pids.add(pid))
}

/** Draws the processes of targets as one tree. */
export function drawn(found: readonly Found[]): string {
  return formatTree(distinct(found.map(connected)))
}

/** Puts a command below its guard. Between them is a helper of the guard, which is not among its descendants. */
function connected({ of, processes }: Found): Found {
  if (of.target.contained === null) return { of, processes }
  const pids = new Set<number | null>(processes.map(({ pid }) => pid))
  const isRoot = ({ pid, ppid }: ProcessInfo) => pid !== of.pid && !pids.has(ppid)
  return { of, processes: processes.map((each) => (isRoot(each) ? { ...each, ppid: of.pid } : each)) }
}

/** Closes what is open. */
export function close(opened: readonly Argument[]): void {
  for (const { target } of opened.flatMap((each) => each.named)) target.close()
}

function open(text: string): KillTarget[] {
  const port = PORT.exec(text)?.[1]
  // Its token names the process that was found to listen, and no later one.
  if (port !== undefined) return listeners(Number(port)).map(openListed)
  if (PID.test(text)) return [KillTarget.fromPid(Number(text))]
  if (TOKEN.test(text)) return [KillTarget.fromToken(text)]
  throw usage(`Expected a pid, a token or a port such as :3000, got ${text || 'nothing'}.`)
}

function openListed({ token, pid }: ProcessInfo): KillTarget {
  return token === null ? KillTarget.fromPid(pid) : KillTarget.fromToken(token)
}

function nameTarget(text: string, target: KillTarget): Named {
  const info = target.info()
  return { text, pid: target.pid, name: info?.name ?? null, target, info }
}
