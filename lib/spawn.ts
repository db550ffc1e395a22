import { spawn as start } from 'node:child_process'
/** @ts-ignore -- Without the types of Node, these are `any` to a user. */
import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
  SpawnOptions,
  SpawnOptionsWithoutStdio,
} from 'node:child_process'
import { type AbortSignalLike, checkAbortSignal } from './abort.js'
import { checkDuration } from './arguments.js'
import { hasExited } from './child.js'
import type { ContainOptions } from './contain-options.js'
import { bare, checkProgram, commandOf, contain, type Program } from './contained.js'
import { type Handle, openGone } from './handle.js'
import { checkedIsolation } from './isolation.js'
import { dropGuard, holdGuard, openKeptGuard, provenContainment } from './kept-guard.js'
import { whenNothingIsLeft } from './leftovers.js'
import { native } from './native.js'
import { closeOpened, makeOpened, openByChild, type Opened, openEndedChild } from './opened.js'
import { startError } from './start-error.js'
import { startFailing } from './start-failing.js'
import { FROM_OPENED, KillTarget } from './target.js'
import { terminate } from './terminate.js'
import { escalation, terminateLater } from './terminate-later.js'
import { after } from './timer.js'

/** Options for `spawn`: those of Node's `spawn`, and of `ContainOptions`. */
export type ContainedSpawnOptions<O extends object = SpawnOptions> = Omit<O, 'killSignal' | 'signal'> &
  ContainOptions & {
    /**
     * Terminates all when it is aborted. The child then emits `error` with an `AbortError`, as Node's does, unless it has exited:
     * with `leftovers: 'keep'` an abort after that ends what the command has left.
     */
    signal?: AbortSignalLike | undefined
  }

/** A child process that is contained. Its `pid` is that of the guard, which stands for the command. */
export type ContainedChild<C extends ChildProcess = ChildProcess> = C & ContainedMembers

/** What a contained child has besides the members of Node's child process. */
interface ContainedMembers {
  /**
   * The child, bound to its process. `null` if it was not started. A child has two file descriptors until all that it has started is
   * over. If the target is read, they stay open until it is closed.
   */
  readonly target: KillTarget | null
  /** The pid of the command itself, once the guard has started it. `null` before, and if it was not started. */
  readonly commandPid: number | null
  /** Terminates all that was started, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What the exit of a guard proves, if it was not killed. It is not asked for that: one that exits soon may not have been seen. */
const PROOFS = { reaper: 'reaper', 'pid-namespace': 'kernel', job: 'kernel', session: null } as const

/** Milliseconds. A look while the keeper still ends the others would take time from that. */
const DROP_DELAY = 100

/** Milliseconds. The first and the longest interval between two looks for a command that is starting. */
const [MIN_DELAY, MAX_DELAY] = [4, 512]

/**
 * Starts a program as Node's `spawn` does, contained: nothing that it starts escapes, and nothing outlives this process.
 *
 * The options and the events are those of Node's `spawn`. The `exit` event comes once all have exited, as `leftovers` has it. After an
 * abort of `signal`, and after `timeout`, all get `killSignal`, and SIGKILL after `grace`: with `leftovers: 'keep'` also after the
 * exit.
 *
 * @param file The program.
 * @param args Its arguments.
 * @param options Those of Node's `spawn`, and of `ContainOptions`.
 * @returns The child, with its `target`. A program that cannot be started emits `error`, as Node's does.
 * @throws {KillError} `ERR_GUARD_NOT_FOUND`: there is no guard for this platform, or it is not beside the binary.
 * @throws {KillError} `ENOSYS`: another system has this isolation or these leftovers.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_UNKNOWN_SIGNAL`: an
 * argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * await using server = spawn('npm', ['run', 'dev'])
 * // all that it has started is over at the end of the block
 */
export function spawn(
  file: string,
  args?: readonly string[] | ContainedSpawnOptions<SpawnOptionsWithoutStdio>,
  options?: ContainedSpawnOptions<SpawnOptionsWithoutStdio>,
): ContainedChild<ChildProcessWithoutNullStreams>
/**
 * Starts a program as Node's `spawn` does, contained, with `stdio` as the options have it.
 *
 * @throws As with pipes.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * const server = spawn('npm', ['run', 'dev'], { stdio: 'inherit' })
 */
export function spawn(
  file: string,
  args: readonly string[] | ContainedSpawnOptions,
  options?: ContainedSpawnOptions,
): ContainedChild
export function spawn(...program: unknown[]): ContainedChild {
  const { file, args, options } = checkProgram(program)
  const { signal, timeout, ...rest } = options
  const others = bare(rest)
  if (signal !== undefined) checkAbortSignal('options.signal', signal)
  // `null` is no value to Node, for these two.
  if (timeout !== undefined && timeout !== null) checkDuration('options.timeout', timeout)
  if (others.killSignal === null) delete others.killSignal
  const { words, isVerbatim } = commandOf(file, args, others)
  const guard = contain({ words, isVerbatim }, others)
  const waits = others.leftovers === 'keep'
  if (waits) guard.args.unshift('--wait')
  const [command, ...commandArgs] = words as [string, ...string[]]
  const error = startError(command, others)
  // Node would refuse names that it does not know, and has no use for it.
  delete guard.options.killSignal
  const child =
    error === null
      ? start(guard.file, guard.args, guard.options)
      : startFailing(error, guard.file, { file: command, args: commandArgs, options: guard.options })
  // As Node has it for the command. An error of the start is told later, with these.
  Object.assign(child, { spawnfile: command, spawnargs: [others.argv0 ?? command, ...commandArgs] })
  const opened = error === null ? openByChild(child) : null
  // Node may signal its own process group instead of a child that was not started: libuv has no pid then, or 0.
  if (child.pid === undefined) child.kill = () => false
  const contained = withTarget(child, opened, others)
  if (opened !== null) {
    learnCommand(contained, opened.handle, waits)
    holdUntilOver(child, opened, others, terminateLater(contained, bare({ ...others, signal, timeout })))
  }
  return contained
}

function withTarget(child: ChildProcess, opened: Opened | null, options: Program['options']): ContainedChild {
  let target: KillTarget | null = null
  let commandPid: number | null = null
  return Object.defineProperties(child, {
    // Opened when it is asked for: it has descriptors, and only the caller knows when to close it.
    target: { get: () => (target ??= opened === null ? null : openTargetOf(child, opened.pid)), enumerable: true },
    commandPid: {
      // Once the child has exited, the handle is closed.
      get: () => (commandPid ??= opened === null || hasExited(child) ? null : commandPidOf(opened.handle)),
      enumerable: true,
    },
    [Symbol.asyncDispose]: {
      async value() {
        if (opened === null) return
        try {
          await terminate(child, escalation(options))
        } finally {
          target?.close()
        }
      },
    },
  }) as ContainedChild
}

/** A guard that is no longer open has left nothing, or what the option has it leave. */
function openTargetOf(child: ChildProcess, pid: number): KillTarget {
  const kept = openKeptGuard(child, pid)
  const left = kept === null && provenContainment(child) === null ? openEndedChild(child) : null
  return KillTarget[FROM_OPENED](left ?? makeOpened(pid, kept ?? openGone(pid), child))
}

/**
 * Keeps a guard open until all that it has started is over, and no longer: this process may have few descriptors. `onOver` is then
 * called for a guard that does not exit last.
 */
function holdUntilOver(
  child: ChildProcess,
  { pid, handle }: Opened,
  { isolation, leftovers }: ContainOptions,
  onOver: () => void,
): void {
  holdGuard(child, handle, pid)
  const drop = () => {
    dropGuard(child, null)
    onOver()
  }
  child.once('exit', (_, signal) => {
    native.close(handle)
    if (leftovers === 'keep' || signal === 'SIGKILL') after(DROP_DELAY, false, () => onceGuardIsOver(child, drop))
    // Otherwise it exits after all others.
    else dropGuard(child, leftovers === 'leave' ? null : PROOFS[checkedIsolation(isolation)])
  })
}

/** Calls back once nothing is left of what a guard has started that has exited. It is kept open by its child object. */
function onceGuardIsOver(child: ChildProcess, call: () => void): void {
  const opened = openByChild(child)
  if (opened === null) return call()
  whenNothingIsLeft(opened, null, () => {
    closeOpened(opened)
    call()
  })
}

function commandPidOf(guarded: Handle): number | null {
  const pid = native.command(guarded)
  return typeof pid === 'number' ? pid : null
}

/**
 * Reads the command's pid before the command exits, unless that is soon: a look takes about as long as the guard to start a
 * command. A command whose leftovers are kept waits for it: after the exit of the guard they are found by its keeper only.
 */
function learnCommand(child: ContainedChild, guarded: Handle, waits: boolean): void {
  let delay = waits ? 1 : MIN_DELAY
  const look = () => {
    if (hasExited(child)) return
    // No signal can be queued at times.
    if (child.commandPid !== null && (!waits || native.beginCommand(guarded) === true)) return
    if (native.isAlive(guarded) === false || (delay > MAX_DELAY && !waits)) return
    after(delay, waits, look)
    if (delay <= MAX_DELAY) delay *= 2
  }
  if (waits) look()
  else after(delay, false, look)
}
