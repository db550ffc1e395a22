import { checkBoolean, checkOptions, checkPid } from './arguments.js'
import { checkChild, type ChildLike, hasEnded, openChild } from './child.js'
import { exited, type ExitedOptions } from './exited.js'
import { acquireFinalizer, type Finalizer, releaseFinalizer } from './finalizer.js'
import { native } from './native.js'
import { type Signal, signalNumber } from './signal.js'
import { recordSentSignal, childExitStatus, childExitStatusNow } from './child-exit-status.js'
import type { ProcessInfo } from './process-info.js'
import { type Handle, unwrap } from './handle.js'
import { suspend, type SuspendOptions } from './suspend.js'
import { startTermination, runTerminationSync, type Termination } from './termination.js'
import { type Checked, checkTerminateOptions, type TerminateOptions } from './terminate-options.js'
import type { ExitStatus } from './exit-status.js'

/**
 * By what a target is bound to its process.
 *
 * - `'pidfd'`: Linux 5.3 and later: a file descriptor for the process.
 * - `'proc-fd'`: Linux without that: the open directory `/proc/PID`.
 * - `'audit-token'`: macOS. `'handle'`: Windows.
 * - `'start-time'`: no file descriptor was left: the start time, compared right before each signal.
 * - `'pid'`: the number alone, by `allowUnverified`.
 * - `'gone'`: there was no such process.
 */
export type Method = 'pidfd' | 'proc-fd' | 'audit-token' | 'handle' | 'start-time' | 'pid' | 'gone'

export interface OpenOptions {
  /**
   * Where nothing tells the process from a later one with its number (no pidfd, and no usable `/proc`): take the number
   * for the process. `method` is then `'pid'`.
   *
   * @default false: such a target can't be opened, `ERR_IDENTITY_UNAVAILABLE`
   */
  allowUnverified?: boolean | undefined
}

const methods = native.methods() as Method[]

/** Another target on the same process, to be closed for itself. `null`: that is no target. */
export let shareTarget: (value: object) => KillTarget | null
/** The number by which the core knows it. */
export let handleOf: (target: KillTarget) => Handle
/** `terminate()`, where the options were checked. */
export let terminateTarget: (target: KillTarget, checked: Checked, ref: boolean) => Promise<Termination>

/** Throws where `terminate()` would be refused for whom it reaches. */
export let checkProtected: (target: KillTarget, checked: Checked) => void

/** What only this file has: JavaScript knows no private constructors, and a made-up handle is nobody's or another's. */
const KEY = Symbol('KillTarget')

/**
 * One process, for as long as the target is open. Whatever is done is done to that process or to nobody: never to a later
 * one that was given its number.
 *
 * An open target costs one file descriptor. Close it: by `close()`, or with `using`.
 *
 * @example
 * using target = KillTarget.fromPid(pid)
 * target.signal('SIGTERM') // true: delivered; false: it is gone, and nothing was sent
 */
export class KillTarget implements Disposable {
  /** The number that the target was opened with. By now it may be another process's. */
  readonly pid: number
  /** By what the target is bound to its process. Fixed when it is opened. */
  readonly method: Method
  /** Whether `signal()` can't reach another process, however numbers are given away meanwhile. */
  readonly raceFree: boolean

  readonly #handle: Handle
  #finalizer: Finalizer | undefined
  #child: ChildLike | undefined

  private constructor(pid: number, handle: Handle, key?: typeof KEY) {
    if (key !== KEY) throw illegalConstructor()
    // The lowest four bits of a handle: see `open` in binding.rs.
    const held = handle % 16
    this.pid = pid
    this.method = methods[held >> 1]!
    this.raceFree = (held & 1) === 1
    this.#handle = handle
    this.#finalizer = acquireFinalizer(handle)
  }

  /**
   * The process that has this pid now.
   *
   * @param pid A positive 32-bit integer.
   * @throws {KillError} `ERR_NOT_A_PROCESS`: it is the id of a thread. `ERR_IDENTITY_UNAVAILABLE`: nothing here tells the
   * process from a later one with its number.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: no pid.
   */
  static fromPid(pid: number, options?: OpenOptions): KillTarget {
    checkPid(pid)
    return new KillTarget(pid, unwrap(native.open(pid, allowsUnverified(options)), pid), KEY)
  }

  /**
   * A child of this process. Whoever has the child's number now and is no child of this process is not taken for it, nor,
   * from the first call on the child's object on, is a younger child: the target is then `'gone'`. So call it right after
   * the child was started.
   *
   * @param child Any object with a `pid`: Node's, execa's, zx's, Bun's, Deno's.
   * @returns `null` where the child was not started, or its object says that it has ended.
   * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: nothing here tells the process from a later one with its number.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: no such object.
   */
  static fromChild(child: ChildLike, options?: OpenOptions): KillTarget | null {
    checkChild(child)
    const allowUnverified = allowsUnverified(options)
    const { pid } = child
    if (pid === undefined || pid === null) return null
    checkPid(pid)
    if (hasEnded(child)) return null
    const target = new KillTarget(pid, openChild(child, pid, allowUnverified), KEY)
    target.#child = child
    return target
  }

  /**
   * Signals the process, whoever it is: this one included.
   *
   * @param signal A name or number. Default: `'SIGTERM'`. `0` sends nothing and tells whether one could be sent.
   * @returns `true`: delivered (a zombie takes it too). `false`: the process is gone, and nothing was sent.
   * @throws {KillError} `EPERM`: not permitted. `ERR_TARGET_CLOSED`.
   * @throws {TypeError} `ERR_UNKNOWN_SIGNAL`, `ERR_INVALID_ARG_TYPE`.
   */
  signal(signal: Signal = 'SIGTERM'): boolean {
    const number = signalNumber(signal)
    recordSentSignal(this.#child, number)
    return unwrap(native.signal(this.#handle, number), this.pid)
  }

  /**
   * Signals every process in the group that this process leads or led. On Linux 6.9 and later that works after it was
   * reaped, for as long as the group has members.
   *
   * @param signal As for `signal()`.
   * @returns `true`: delivered. `false`: the group is gone.
   * @throws {KillError} `ERR_NOT_GROUP_LEADER`: the process leads no group. `ERR_PROTECTED_TARGET`: the group holds this
   * process, one of its ancestors or pid 1 (not thrown for signal 0). `EPERM`: no member may be signalled. `ENOSYS`: the
   * process was reaped, and before Linux 6.9 nothing tells its group from a later one. `ERR_TARGET_CLOSED`.
   * @throws {TypeError} `ERR_UNKNOWN_SIGNAL`, `ERR_INVALID_ARG_TYPE`.
   */
  signalPg(signal: Signal = 'SIGTERM'): boolean {
    const number = signalNumber(signal)
    recordSentSignal(this.#child, number)
    return unwrap(native.signalGroup(this.#handle, number), this.pid)
  }

  /**
   * Whether the process runs. A zombie does not, unless threads of it go on.
   *
   * @throws {KillError} `ERR_TARGET_CLOSED`.
   */
  isAlive(): boolean {
    return unwrap(native.isAlive(this.#handle), this.pid)
  }

  /**
   * Waits for the end of the process: of all its threads, and of nothing else. Whoever holds its pipes is not waited for,
   * and nothing is reaped, so Node's own `exit` event comes, too.
   *
   * @returns How it ended. At once where it is gone.
   * @throws {KillError} `ERR_TIMEOUT`: it lives on after `timeout`. `ERR_TARGET_CLOSED`.
   * @throws `signal.reason`, once that is aborted.
   */
  exited(options?: ExitedOptions): Promise<ExitStatus> {
    const ended = exited(this.#handle, this.pid, options)
    const child = this.#child
    if (child === undefined) return ended
    return ended.then((status) => (status.known ? status : childExitStatus(child)))
  }

  /**
   * Ends everyone in scope: a polite signal (then SIGCONT, as who is stopped acts on none), a grace, and SIGKILL for who
   * lives on. It is not over before all of them are, or all time is up. A second call meanwhile joins the first: it goes up
   * its own ladder, but sends nothing that was sent already as its first step.
   *
   * @returns What has become of them. Survivors are no error: see `outcome`.
   * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
   * `ERR_NOT_GROUP_LEADER`. `EPERM`: nobody in scope may be signalled. `ENOSYS`: there is no safe way to do it here.
   * `ERR_TARGET_CLOSED`.
   * @throws {TypeError | RangeError} Wrong options.
   */
  async terminate(options?: TerminateOptions): Promise<Termination> {
    return this.#terminate(checkTerminateOptions(options), true)
  }

  /** The same, blocking: for `process.on('exit')`. Nothing of JavaScript runs meanwhile. */
  terminateSync(options?: Omit<TerminateOptions, 'forceSignal'>): Termination {
    const checked = checkTerminateOptions(options)
    this.#recordSentSignals(checked)
    const termination = runTerminationSync(this.#handle, this.pid, checked)
    return this.#asksChild(termination) ? { ...termination, exit: childExitStatusNow(this.#child!) } : termination
  }

  async #terminate(checked: Checked, ref: boolean): Promise<Termination> {
    this.#recordSentSignals(checked)
    const termination = await startTermination(this.#handle, this.pid, checked, ref)
    return this.#asksChild(termination) ? { ...termination, exit: await childExitStatus(this.#child!) } : termination
  }

  /** Whether the child's own object may know what the system does not. */
  #asksChild({ exit }: Termination): boolean {
    return exit !== null && !exit.known && this.#child !== undefined
  }

  #recordSentSignals({ request: { steps } }: Checked): void {
    for (const { signals } of steps) for (const signal of signals) recordSentSignal(this.#child, signal)
  }

  /**
   * Stops everyone in scope (SIGSTOP), until `resume()`: when nobody in it runs any more.
   *
   * @returns Those that could not be stopped: who may not be signalled, and who still ran after a second.
   * @throws As `terminate` does.
   */
  async suspend(options?: SuspendOptions): Promise<ProcessInfo[]> {
    return suspend(this.#handle, this.pid, options, 'suspend')
  }

  /**
   * Has everyone in scope go on who is stopped (SIGCONT).
   *
   * @returns Those that may not be signalled.
   * @throws As `terminate` does.
   */
  async resume(options?: SuspendOptions): Promise<ProcessInfo[]> {
    return suspend(this.#handle, this.pid, options, 'resume')
  }

  /** Lets go of the process. From then on all but `pid`, `method`, `raceFree` and `close` throw `ERR_TARGET_CLOSED`. */
  close(): void {
    if (this.#finalizer === undefined) return
    native.close(this.#handle)
    releaseFinalizer(this.#finalizer)
    this.#finalizer = undefined
  }

  [Symbol.dispose](): void {
    this.close()
  }

  static {
    shareTarget = (value) => {
      if (!(#handle in value)) return null
      const target = new KillTarget(value.pid, unwrap(native.share(value.#handle), value.pid), KEY)
      target.#child = value.#child
      return target
    }
    handleOf = (target) => target.#handle
    terminateTarget = (target, checked, ref) => target.#terminate(checked, ref)
    checkProtected = (target, { request: { scope, allowSelf } }) => {
      if (!allowSelf) unwrap(native.checkProtected(target.#handle, scope), target.pid)
    }
  }
}

function illegalConstructor(): TypeError {
  const error = new TypeError('Illegal constructor: use KillTarget.fromPid or KillTarget.fromChild')
  return Object.assign(error, { code: 'ERR_ILLEGAL_CONSTRUCTOR' })
}

function allowsUnverified(options: OpenOptions | undefined): boolean {
  if (options === undefined) return false
  checkOptions(options)
  const { allowUnverified = false } = options
  checkBoolean('options.allowUnverified', allowUnverified)
  return allowUnverified
}
