import { isMainThread } from 'node:worker_threads'
import { invalidValue } from './arguments.js'
import { KillError } from './errors.js'
import { type Handle, unwrap } from './handle.js'
import { finishWatch, watch } from './host-watch.js'
import { hasLeftOthers, SINGLE_LIMIT, whenNothingIsLeft } from './leftovers.js'
import { native, sharedState } from './native.js'
import { closeOpened, type Opened } from './opened.js'
import { checkScope, runTerminationSync, startTermination } from './run-termination.js'
import { openExcept, openToTerminate, type TargetLike } from './target-like.js'
import { type CheckedTerminateOptions, checkTerminateOptions, type TerminateSyncOptions } from './terminate-options.js'

/** What is terminated when this process exits. */
interface Armed {
  readonly opened: Opened
  readonly checked: CheckedTerminateOptions
  readonly disarm: () => void
}

/** Shared by all loads of the package, and what the `process` objects have a listener for. Jest makes copies of the real one. */
const state = sharedState('armed', () => ({ armed: new Set<Armed>(), listening: new WeakSet<NodeJS.Process>() }))

/**
 * Terminates a process when this process exits, however it exits: also by SIGKILL, or by a crash. It is for processes that other
 * code has started, such as a library's server. What you start yourself, start by `spawn()`: then not even a daemon escapes.
 *
 * A normal exit blocks until the processes have exited: for the grace period at most, or for the sum of those of `steps`. While
 * processes survive SIGKILL, it blocks up to `killTimeout` longer. With `grace: false` it blocks for `killTimeout` at most. In a
 * worker that is the exit of the whole process.
 *
 * For other exits, the first call starts a watch, a small process that waits for the exit of this one: then the watch starts the
 * runtime (Node, Bun, Deno) once more, for the time of the termination. It starts none if nothing is armed by then. Each worker
 * that calls this has a watch of its own, which stays until this process exits.
 *
 * It stays armed until the process and all that it has left in scope have exited. It does not keep the event loop alive.
 *
 * @param target A `KillTarget`, which may be closed after the call, a pid, a token, the object of a child process, or a
 * `ProcessInfo`.
 * @param options As for `terminateSync`.
 * @returns Dispose of it to let the process live on.
 * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
 * @throws {KillError} `ERR_NOT_GROUP_LEADER`: `scope` is `'group'`, and the process leads none.
 * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: the process cannot be distinguished from a later one with its pid, or it has
 * exited and has left others in scope.
 * @throws {KillError} `ENOSYS`: this program is a single executable, which is no runtime. `ERR_GUARD_NOT_FOUND`, `EAGAIN`,
 * `ENOSPC` and others: the watch cannot be started.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit-with-host.md}
 * @example
 * const transport = new StdioClientTransport({ command: 'my-server' })
 * await client.connect(transport)
 * if (transport.pid !== null) killOnExit(transport.pid)
 */
export function killOnExit(target: TargetLike, options?: TerminateSyncOptions): Disposable {
  const checked = checkKillOnExitOptions(options)
  const opened = openExcept(openToTerminate(target), checked.except)
  if (opened === null) return { [Symbol.dispose]() {} }
  const cancel: (() => void)[] = []
  const disarm = (): void => {
    for (const each of cancel.splice(0)) each()
  }
  cancel.push(() => closeOpened(opened))
  try {
    checkScope(opened, checked)
    const token = tokenOf(opened.handle, opened.pid)
    if (token === null) {
      if (hasLeftOthers(opened, checked.request.scope) === true) throw hasExited(opened.pid)
      disarm()
    } else {
      const except = opened.except.map((each) => tokenOf(each, opened.pid)).filter((each) => each !== null)
      const unwatch = watch({ token, request: checked.request, except })
      cancel.push(terminateAtExit({ opened, checked, disarm }))
      cancel.push(whenNothingIsLeft(opened, checked.request.scope, () => ignoringErrors(disarm)))
      // The last, as it fails if the disk is full.
      cancel.push(unwatch)
    }
  } catch (error) {
    disarm()
    throw error
  }
  return { [Symbol.dispose]: disarm }
}

function tokenOf(handle: Handle, pid: number): string | null {
  return unwrap(native.token(handle), pid) ?? null
}

function hasExited(pid: number): KillError {
  const message = `Process ${pid} has exited, and nothing identifies what it has left to a later program. Call before it exits.`
  return new KillError({ code: 'ERR_IDENTITY_UNAVAILABLE', message, pid })
}

/** Terminates a process in the `exit` event of this one. Returns a function that cancels it. */
function terminateAtExit(each: Armed): () => void {
  state.armed.add(each)
  // In a worker, the event comes at the exit of the worker.
  if (!state.listening.has(process)) process.once('exit', isMainThread ? terminateAll : disarmExited)
  state.listening.add(process)
  return () => state.armed.delete(each)
}

function terminateAll(): void {
  // All at once. Each call below joins one of these.
  for (const { opened, checked } of state.armed) startTermination(opened, checked).catch(() => {})
  // A process may not be signalled, and there is no caller to tell.
  for (const { opened, checked } of state.armed) ignoringErrors(() => runTerminationSync(opened, checked))
  ignoringErrors(finishWatch)
}

/** Nothing in this thread would notice later that a process has exited, and the watch would start a runtime for nothing. */
function disarmExited(): void {
  const end = performance.now() + SINGLE_LIMIT
  for (const { opened, checked, disarm } of state.armed) {
    if (hasLeftOthers(opened, checked.request.scope, end - performance.now()) === false) ignoringErrors(disarm)
  }
}

function ignoringErrors(act: () => void): void {
  try {
    act()
  } catch {
    // See the callers.
  }
}

function checkKillOnExitOptions(options: unknown): CheckedTerminateOptions {
  const checked = checkTerminateOptions(options)
  if (checked.onStep === undefined && checked.forceSignal === undefined) return checked
  throw invalidValue(
    'killOnExit() acts once this process has exited: there is no `options.onStep` and no `options.forceSignal`.',
  )
}
