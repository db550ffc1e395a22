/**
 * A call that could not do what it was asked. `code` is what to branch on: it stays the same over releases.
 *
 * | `code` | when |
 * |---|---|
 * | `EPERM` | the system does not permit it |
 * | `ENOSYS` | the system has no safe way to do it |
 * | `ERR_TARGET_CLOSED` | the target was closed |
 * | `ERR_NOT_A_PROCESS` | the number is a thread's |
 * | `ERR_NOT_GROUP_LEADER` | the process leads no process group |
 * | `ERR_PROTECTED_TARGET` | this process, an ancestor of it or pid 1 is in scope |
 * | `ERR_TIMEOUT` | the process lives on after the time that it was given |
 * | `ERR_IDENTITY_UNAVAILABLE` | nothing here tells the process from a later one with its number |
 *
 * Any other error of the system has its own name, such as `EMFILE`. Wrong arguments are no `KillError` but a
 * `TypeError` or `RangeError` with the `code` that Node uses.
 */
export class KillError extends Error {
  /** A stable name for what went wrong. */
  readonly code: string
  /** The system's error number, negative as in Node. Only where the system refused. */
  declare readonly errno?: number
  /** The call that the system refused. Only where it did. */
  declare readonly syscall?: string
  /** The pid of the target. */
  readonly pid: number

  constructor(failure: { message: string; code: string; errno?: number; syscall?: string; pid: number }) {
    super(failure.message)
    this.code = failure.code
    if (failure.errno !== undefined) this.errno = failure.errno
    if (failure.syscall !== undefined) this.syscall = failure.syscall
    this.pid = failure.pid
  }
}

// On the prototype, as the built-in errors have it: no own property that shows in each printed error.
Object.defineProperty(KillError.prototype, 'name', { value: 'KillError', configurable: true, writable: true })
