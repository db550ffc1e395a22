import { inspect, type InspectOptions } from 'node:util'
import type { AbortSignalLike } from './abort.js'
import type { ChildLike } from './child.js'
import { recordSentSignal } from './child-exit-status.js'
import { descendants, type DescendantsOptions } from './descendants.js'
import type { ExitStatus } from './exit-status.js'
import { checkExitedOptions, type ExitedOptions } from './exited.js'
import { acquireFinalizer, type Finalizer, releaseFinalizer } from './finalizer.js'
import { type Handle, unwrap } from './handle.js'
import { provenContainment } from './kept-guard.js'
import { killOnAbort, type KillOnAbort } from './kill-on-abort.js'
import { killOnExit } from './kill-on-exit.js'
import { isRaceFree, type Method, methodOf } from './method.js'
import { native } from './native.js'
import type { OpenOptions } from './open-options.js'
import { openByChild, type Opened, openPid, openToken } from './opened.js'
import { type ProcessInfo, processInfo } from './process-info.js'
import { type Signal, signalNumber } from './signal.js'
import { resume, suspend, type SuspendOptions } from './suspend.js'
import { type AnyKillTarget, BINDING, HANDLE, setChild, type TargetJson } from './target-like.js'
import type { TerminateOptions, TerminateSyncOptions } from './terminate-options.js'
import { terminate, terminateSync } from './terminate.js'
import type { Containment, Termination } from './termination.js'
import { waitForExit } from './wait.js'
import { waitOrKill, type WaitOrKillOptions, type WaitOrKillResult } from './wait-or-kill.js'

/** The function that makes a target of an open process. */
export const FROM_OPENED = Symbol('fromOpened')

/** Makes the constructor private at run time, too. A made-up handle could be closed, or another target's. */
const CONSTRUCTOR_KEY = Symbol('KillTarget')

/**
 * A handle bound to one process. Every operation applies to that process only, never to a later process with the same pid.
 *
 * An open target uses one file descriptor. Close it with `close()` or `using`.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/api.md}
 * @example
 * using target = KillTarget.fromPid(pid)
 * target.signal('SIGTERM') // true: delivered; false: the process is gone, and nothing was sent
 */
export class KillTarget implements AnyKillTarget, Disposable, AsyncDisposable {
  /** The pid that the target was opened with. After the exit of the process it may belong to another process. */
  readonly pid: number
  /** How the target identifies its process. Fixed when the target is opened. */
  readonly method: Method
  /** Whether `signal()` cannot reach another process, even if the pid is reused. Fixed when the target is opened. */
  readonly raceFree: boolean

  /** @internal */
  declare readonly [BINDING]: typeof native
  /** @internal */
  readonly [HANDLE]: Handle
  readonly #opened: Opened
  #finalizer: Finalizer | undefined

  private constructor(opened: Opened, key?: typeof CONSTRUCTOR_KEY) {
    if (key !== CONSTRUCTOR_KEY) throw illegalConstructor()
    const { pid, handle, child } = opened
    this.pid = pid
    this.method = methodOf(handle)
    this.raceFree = isRaceFree(handle)
    this.#opened = opened
    this[HANDLE] = handle
    if (child !== undefined) setChild(this, child)
    this.#finalizer = acquireFinalizer(handle)
  }

  /**
   * Opens a target on the process that has this pid now. If there is none, the target's `method` is `'gone'`.
   *
   * @param pid A positive 32-bit integer.
   * @throws {KillError} `ERR_NOT_A_PROCESS`: the pid is the id of a thread. `ERR_IDENTITY_UNAVAILABLE`: the process cannot
   * be distinguished from a later one with its pid, and `allowUnverified` is not set.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: an argument is invalid. 0 and negative
   * numbers are no pids.
   * @example
   * using target = KillTarget.fromPid(4711)
   */
  static fromPid(pid: number, options?: OpenOptions): KillTarget {
    return new KillTarget(openPid(pid, options), CONSTRUCTOR_KEY)
  }

  /**
   * Opens a target on a child of this process. Call it right after the child was started.
   *
   * A process with the child's pid is refused if it is not a child of this process, or if it was started after an earlier
   * call with the same object. The target's `method` is then `'gone'`.
   *
   * @param child An object with a `pid`: Node's `ChildProcess`, or the subprocess of execa, zx, Bun or Deno.
   * @returns `null` if the child was not started, or if the object says that it has exited.
   * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: the process cannot be distinguished from a later one with its pid, and
   * `allowUnverified` is not set.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: an argument is invalid.
   * @example
   * const child = spawn('server', { detached: true })
   * const target = KillTarget.fromChild(child)
   */
  static fromChild(child: ChildLike, options?: OpenOptions): KillTarget | null {
    const opened = openByChild(child, options)
    return opened === null ? null : new KillTarget(opened, CONSTRUCTOR_KEY)
  }

  /** @internal Makes a target of an open process, which it closes. */
  static [FROM_OPENED](opened: Opened): KillTarget {
    return new KillTarget(opened, CONSTRUCTOR_KEY)
  }

  /**
   * Opens a target on the process of a token, which another program may have saved. If the process is over, the target is on
   * the session or group that it has left behind, for `terminate()`. Its `method` is then `'gone'`, as it is without these.
   *
   * @param token What `token()` has returned, or `PID:INODE` as util-linux 2.42 writes it.
   * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: it cannot be told whether this is the process. The token was made in
   * another PID namespace, or the process is over and a later one may have had its pid.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: this is no token, or not the whole of one.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/identity.md}
   * @example
   * using server = KillTarget.fromToken(readFileSync('server.token', 'utf8'))
   * await server.terminate()
   */
  static fromToken(token: string): KillTarget {
    return new KillTarget(openToken(token), CONSTRUCTOR_KEY)
  }

  /**
   * What contains the process, as `isolation` has it, if `spawn` or `contained` has started it: `'reaper'`, `'kernel'` or
   * `'session'`. `null` otherwise. It is read anew until it is known: the guard's program has to run.
   *
   * @throws {KillError} `ERR_TARGET_CLOSED`.
   */
  get contained(): Containment | null {
    const { handle, child } = this.#opened
    return (unwrap(native.containment(handle), this.pid) ?? provenContainment(child)) as Containment | null
  }

  /**
   * Returns a text that names the process to a later program: to `KillTarget.fromToken`, and wherever a target is passed. It
   * is valid until the machine restarts, in the same PID namespace. It is no secret, and gives no permission.
   *
   * Right after the start of the process it may take up to 16 ms, on systems that tell processes by their start time.
   *
   * @returns `null` if the process has been reaped.
   * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: the process cannot be distinguished from a later one with its pid.
   * `ERR_TARGET_CLOSED`.
   * @example
   * writeFileSync('server.token', target.token()!)
   */
  token(): string | null {
    return unwrap(native.token(this.#opened.handle), this.pid) ?? null
  }

  /**
   * Returns the pid and the token, so that `JSON.stringify` of a target names its process to a later program.
   *
   * @throws As `token()`.
   */
  toJSON(): TargetJson {
    return { pid: this.pid, token: this.token() }
  }

  /**
   * Returns what is known of the process now: its parent, its command line, its state. What cannot be read is `null`.
   *
   * @returns `null` if the process has been reaped. On Windows: if it has exited.
   * @throws {KillError} `ERR_TARGET_CLOSED`.
   * @example
   * const { command, startTime } = target.info() ?? {}
   */
  info(): ProcessInfo | null {
    const found = unwrap(native.info(this.#opened.handle), this.pid)
    return found == null ? null : processInfo(found)
  }

  /**
   * Sends a signal to the process. No process is protected, not even this one.
   *
   * @param signal A signal name or number. Default: `'SIGTERM'`. `0` only checks whether a signal could be sent.
   * @returns `true` if the signal was delivered, also to a zombie. `false` if the process is gone: nothing was sent.
   * @throws {KillError} `EPERM`: not permitted. `ENOSYS`: Windows does not have this signal. `ERR_TARGET_CLOSED`.
   * @throws {TypeError} `ERR_UNKNOWN_SIGNAL`, `ERR_INVALID_ARG_TYPE`: the signal is invalid.
   * @example
   * if (!target.signal('SIGHUP')) console.log('It has exited')
   */
  signal(signal: Signal = 'SIGTERM'): boolean {
    const number = signalNumber(signal)
    recordSentSignal(this.#opened.child, number)
    return unwrap(native.signal(this.#opened.handle, number), this.pid)
  }

  /**
   * Sends a signal to all members of the process group that the process leads or led. On Linux this works even after the
   * leader was reaped, for as long as the group has members and its id is certainly its own.
   *
   * @param signal A signal name or number. Default: `'SIGTERM'`. `0` only checks whether a signal could be sent.
   * @returns `true` if the signal was delivered. `false` if the group is gone: nothing was sent.
   * @throws {KillError} `ERR_NOT_GROUP_LEADER`: the process does not lead a group.
   * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in the group. Not for signal 0.
   * @throws {KillError} `EPERM`: no member may be signalled. `ERR_TARGET_CLOSED`.
   * @throws {KillError} `ENOSYS`: the leader was reaped, and its group cannot be distinguished from a later one with its id. On
   * Windows always.
   * @throws {TypeError} `ERR_UNKNOWN_SIGNAL`, `ERR_INVALID_ARG_TYPE`: the signal is invalid.
   */
  signalPg(signal: Signal = 'SIGTERM'): boolean {
    const number = signalNumber(signal)
    recordSentSignal(this.#opened.child, number)
    return unwrap(native.signalGroup(this.#opened.handle, number), this.pid)
  }

  /**
   * Returns whether the process is alive. A zombie is not, unless some of its threads still run.
   *
   * @throws {KillError} `ERR_TARGET_CLOSED`.
   */
  isAlive(): boolean {
    return unwrap(native.isAlive(this.#opened.handle), this.pid)
  }

  /**
   * Waits until all threads of the process have exited. It neither waits for its pipes to close nor reaps the process.
   *
   * @returns The exit status. Closing the target after the call does not cancel the wait.
   * @throws {KillError} `ERR_TIMEOUT`: the process is still alive after `timeout`. `ERR_TARGET_CLOSED`.
   * @throws `signal.reason` if `signal` is aborted.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: an option is invalid.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit.md}
   * @example
   * const { code, signal } = await target.exited({ timeout: 5000 })
   */
  async exited(options?: ExitedOptions): Promise<ExitStatus> {
    return waitForExit(this.#opened, checkExitedOptions(options))
  }

  /**
   * Terminates all processes in scope: sends the polite signal and SIGCONT, waits for the grace period, then sends SIGKILL
   * to those still alive. It resolves when all have exited, or when `killTimeout` is over.
   *
   * Concurrent calls for the same scope join: each keeps its own deadlines, and none repeats a signal that was sent already
   * as its own first step.
   *
   * If the system refuses a thread, as at the limit of processes, and no wait has started one before, this blocks like
   * `terminateSync()`.
   *
   * @returns What happened to the processes. Survivors are not an error: check `outcome`.
   * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
   * @throws {KillError} `ERR_NOT_GROUP_LEADER`: `scope` is `'group'`, and the process does not lead a group.
   * @throws {KillError} `ERR_EXCEPTED_TARGET`: `except` names the process, or one that has started it.
   * @throws {KillError} `EPERM`: no process in scope may be signalled. `ENOSYS`: the system has no safe way to do this.
   * `ERR_TARGET_CLOSED`.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an option is invalid.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
   * @example
   * const { outcome, survivors } = await target.terminate({ grace: 1000 })
   */
  async terminate(options?: TerminateOptions): Promise<Termination> {
    return terminate(this, options)
  }

  /**
   * Does what `terminate()` does, but blocks until it is done. No JavaScript runs in the meantime. It is for exit
   * listeners: `process.on('exit')`.
   *
   * @throws As `terminate()` rejects.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
   */
  terminateSync(options?: TerminateSyncOptions): Termination {
    return terminateSync(this, options)
  }

  /**
   * Waits until the process has exited, and terminates it if it runs too long or if a signal is aborted. This is `waitOrKill`
   * for this target, which may be closed meanwhile.
   *
   * @returns The exit status, why the process ended, and what the termination did.
   * @throws As `waitOrKill` rejects. `ERR_TARGET_CLOSED`.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
   * @example
   * const { status, timedOut } = await target.waitOrKill({ timeout: 30_000 })
   */
  async waitOrKill(options?: WaitOrKillOptions): Promise<WaitOrKillResult> {
    return waitOrKill(this, options)
  }

  /**
   * Terminates all processes in scope when a signal is aborted. This is `killOnAbort` for this target, which may be closed
   * meanwhile.
   *
   * @returns Its `done` resolves to the report. Dispose of it to stop listening to the signal.
   * @throws As `killOnAbort` does. `ERR_TARGET_CLOSED`.
   * @example
   * using armed = target.killOnAbort(controller.signal)
   */
  killOnAbort(signal: AbortSignalLike, options?: TerminateOptions): KillOnAbort {
    return killOnAbort(this, signal, options)
  }

  /**
   * Terminates all processes in scope when this process exits, however it exits. This is `killOnExit` for this target, which may
   * be closed meanwhile.
   *
   * @returns Dispose of it to let the process live on.
   * @throws As `killOnExit` does. `ERR_TARGET_CLOSED`.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit-with-host.md}
   */
  killOnExit(options?: TerminateSyncOptions): Disposable {
    return killOnExit(this, options)
  }

  /**
   * Returns the living descendants of the process, parents before their children. This is `descendants` for this target.
   *
   * @throws As `descendants` does. `ERR_TARGET_CLOSED`.
   */
  descendants(options?: DescendantsOptions): ProcessInfo[] {
    return descendants(this, options)
  }

  /**
   * Stops all processes in scope with SIGSTOP, including those that are forked in the meantime. It resolves when none of
   * them runs any more, at the latest after two seconds, or five if a process may be missing.
   *
   * @returns The processes that were not stopped: they may not be signalled, or they still run.
   * @throws {KillError} `ERR_PROTECTED_TARGET`, `ERR_NOT_GROUP_LEADER`, `EPERM`, `ENOSYS`, `ERR_TARGET_CLOSED`: as
   * `terminate()`. `ERR_TIMEOUT`: a process of the tree may be missing, and all that were found have been stopped.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: an option is invalid.
   */
  async suspend(options?: SuspendOptions): Promise<ProcessInfo[]> {
    return suspend(this, options)
  }

  /**
   * Continues all stopped processes in scope with SIGCONT.
   *
   * @returns The processes that may not be signalled.
   * @throws {KillError} `ERR_PROTECTED_TARGET`, `ERR_NOT_GROUP_LEADER`, `EPERM`, `ENOSYS`, `ERR_TARGET_CLOSED`: as
   * `terminate()`. `ERR_TIMEOUT`: a process of the tree may be missing, and all that were found have been continued.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: an option is invalid.
   */
  async resume(options?: SuspendOptions): Promise<ProcessInfo[]> {
    return resume(this, options)
  }

  /**
   * Closes the target. Pending operations go on. Later calls throw `ERR_TARGET_CLOSED`, except for `close()` itself; `pid`,
   * `method` and `raceFree` stay readable.
   */
  close(): void {
    if (this.#finalizer === undefined) return
    native.close(this.#opened.handle)
    releaseFinalizer(this.#finalizer)
    this.#finalizer = undefined
  }

  /** Closes the target at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** Terminates the target as `terminate()` does, then closes it, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#finalizer === undefined) return
    try {
      await this.terminate()
    } finally {
      this.close()
    }
  }

  /** @internal Shows the state: open, closed, or that its process is gone. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { pid, method, raceFree } = this
    const isOpen = this.#finalizer !== undefined
    const state = !isOpen ? 'closed' : native.isAlive(this.#opened.handle) === false ? 'gone' : 'open'
    return `KillTarget ${inspect({ pid, method, raceFree, state }, options)}`
  }

  static {
    // esbuild gives the class another name.
    Object.defineProperty(this, 'name', { value: 'KillTarget', configurable: true })
    Object.defineProperty(this.prototype, BINDING, { value: native })
  }
}

function illegalConstructor(): TypeError {
  const error = new TypeError('Illegal constructor: use KillTarget.fromPid, fromChild or fromToken')
  return Object.assign(error, { code: 'ERR_ILLEGAL_CONSTRUCTOR' })
}
