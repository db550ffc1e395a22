/** The `code` of a `KillError`: a failure that this package names, or the system's name of the error of a system call. */
export type KillErrorCode =
  | 'ERR_GUARD_NOT_FOUND'
  | 'ERR_IDENTITY_UNAVAILABLE'
  | 'ERR_INTERNAL'
  | 'ERR_NOT_A_PROCESS'
  | 'ERR_NOT_GROUP_LEADER'
  | 'ERR_PROTECTED_TARGET'
  | 'ERR_EXCEPTED_TARGET'
  | 'ERR_TARGET_CLOSED'
  | 'ERR_TIMEOUT'
  | 'ERR_TOO_MANY_TARGETS'
  | 'EACCES'
  | 'EAGAIN'
  | 'EBADF'
  | 'EDQUOT'
  | 'EINTR'
  | 'EINVAL'
  | 'EIO'
  | 'EMFILE'
  | 'ENFILE'
  | 'ENOENT'
  | 'ENOMEM'
  | 'ENOSPC'
  | 'ENOSYS'
  | 'EPERM'
  | 'EROFS'
  | 'ESRCH'

/**
 * Thrown if an operation fails on its target. Branch on `code`: it is stable over releases, the message is not.
 *
 * | `code` | when |
 * |---|---|
 * | `EPERM` | the system does not permit the operation |
 * | `ENOSYS` | the system has no safe way to do it |
 * | `ERR_TARGET_CLOSED` | the target was closed before the call |
 * | `ERR_NOT_A_PROCESS` | the pid is the id of a thread |
 * | `ERR_NOT_GROUP_LEADER` | the process does not lead a process group |
 * | `ERR_PROTECTED_TARGET` | this process, one of its ancestors or pid 1 is in scope |
 * | `ERR_EXCEPTED_TARGET` | `except` names the target, or a process that has started it |
 * | `ERR_TIMEOUT` | the process is still alive after `timeout`; `descendants`, `suspend`, `resume`: a process may be missing; tree-kill: a descendant may not have got the signal |
 * | `ERR_IDENTITY_UNAVAILABLE` | the process cannot be distinguished from a later one with its pid |
 * | `ERR_GUARD_NOT_FOUND` | there is no program for contained launch for this platform, or it is not beside the binary |
 * | `ERR_TOO_MANY_TARGETS` | 16 million targets are open |
 * | `ERR_INTERNAL` | a bug of this package |
 *
 * Other errors of the system have their own names, such as `EMFILE`. Invalid arguments throw a `TypeError` or
 * `RangeError` instead, with the `code` that Node uses.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/api.md#errors}
 * @example
 * try {
 *   target.signal('SIGTERM')
 * } catch (error) {
 *   if (error instanceof KillError && error.code === 'EPERM') console.error(`Not permitted: ${error.pid}`)
 *   else throw error
 * }
 */
export class KillError extends Error {
  /** The stable name of the failure, such as `'EPERM'` or `'ERR_TIMEOUT'`. */
  readonly code: KillErrorCode
  /** The system's error number, negative as in Node. Present only if a system call failed. */
  declare readonly errno?: number
  /** The system call that failed, such as `'kill'`. Present only if a system call failed. */
  declare readonly syscall?: string
  /** The pid of the target, or of this process if the call has no target. */
  readonly pid: number

  constructor(failure: {
    message: string
    code: string
    errno?: number | undefined
    syscall?: string | undefined
    pid: number
  }) {
    super(failure.message)
    // The system has more names of errors than its calls give here.
    this.code = failure.code as KillErrorCode
    // The own ones only: other code may have put members into `Object.prototype`.
    const { errno, syscall } = { errno: undefined, syscall: undefined, ...failure }
    if (errno !== undefined) this.errno = errno
    if (syscall !== undefined) this.syscall = syscall
    this.pid = failure.pid
  }
}

// On the prototype, like the built-in errors: an own property would appear in each printed error.
Object.defineProperty(KillError.prototype, 'name', { value: 'KillError', configurable: true, writable: true })
