import type { Failure } from '../binding.js'
import { native, sharedState } from './native.js'
import { type Handle, isFailure, unwrap } from './handle.js'
import { pollExit, stopPolling } from './poll-exits.js'
import { after } from './timer.js'
import { afterPoll } from './turn.js'

/** Called on completion: with the exit code or signal of a process, or with neither if the result has to be fetched. */
type OnComplete = (code: number | null, signal: number | null) => void

/** Names a pending operation to the binding. */
export type OperationId = number

interface State {
  readonly pending: Map<OperationId, OnComplete>
  /** Called at each step of a termination: with the number of a signal that was sent, or 0, and how many processes are left. */
  readonly observers: Map<OperationId, (signal: number, left: number) => void>
  /** Opened for the first operation. */
  queue: number | undefined
  lastId: number
  refs: number
}

/** Shared, as a queue lasts until the thread ends. It would keep the load of the package that opened it. */
const state = sharedState('pending', (): State => ({
  pending: new Map(),
  observers: new Map(),
  queue: undefined,
  lastId: 0,
  refs: 0,
}))
const { pending, observers } = state

/** Returns this environment's completion queue. Each thread has its own. */
export function completionQueue(): number {
  return (state.queue ??= native.openQueue(complete))
}

/**
 * Starts to wait for the exit of the handle's process. Calls `onComplete` once, in a later turn of the event loop.
 *
 * If the system has no thread or no file descriptor for the wait, this thread polls the process.
 */
export function startWait(handle: Handle, pid: number, onComplete: OnComplete): OperationId {
  const id = ++state.lastId
  const result = native.wait(completionQueue(), handle, id)
  if (isFailure(result) && result.errno !== null) pollExit(completionQueue(), id, handle, pid)
  else unwrap(result, pid)
  pending.set(id, onComplete)
  return id
}

/**
 * Cancels a wait, a timer, or a termination that has not begun. Does nothing if it has completed. Returns false for a
 * termination that has begun.
 */
export function cancelOperation(id: OperationId): boolean {
  if (!pending.has(id)) return true
  stopPolling(id)
  const isCancelled = native.cancel(completionQueue(), id)
  if (isCancelled) pending.delete(id)
  return isCancelled
}

/**
 * Calls `onTime` once after a delay in milliseconds, in a later turn of the event loop, which it does not keep alive. The core
 * keeps the time, so timers that a test fakes do not change it. For `Infinity` it never calls. Returns a function that cancels
 * it.
 */
export function startTimer(delay: number, onTime: () => void): () => void {
  if (delay === Infinity) return () => {}
  const id = ++state.lastId
  // The system has no thread or no file descriptor for it.
  if (isFailure(native.setTimer(completionQueue(), id, delay))) return after(delay, false, onTime)
  pending.set(id, onTime)
  return () => cancelOperation(id)
}

/** Keeps the event loop alive until `unrefEventLoop()` has been called as often as this. */
export function refEventLoop(): void {
  if (++state.refs === 1) native.holdOpen(completionQueue(), true)
}

export function unrefEventLoop(): void {
  if (--state.refs === 0) native.holdOpen(completionQueue(), false)
}

/** Keeps the event loop alive until the promise has settled. */
export async function heldOpen<T>(promise: Promise<T>): Promise<T> {
  refEventLoop()
  try {
    return await promise
  } finally {
    unrefEventLoop()
  }
}

/** An operation in the core, and its result, which is fetched on completion. */
export interface Operation<T> {
  readonly id: OperationId
  readonly result: Promise<T>
}

/** Starts an operation in the core. Until it completes, it keeps the event loop alive. */
export function startOperation<T extends object>(
  pid: number,
  start: (queue: number, id: OperationId) => Failure | void | null | undefined,
  fetch: (queue: number, id: OperationId) => T | Failure | null | undefined,
): Operation<T> {
  const operation = startUnrefOperation(pid, start, fetch, unrefEventLoop)
  refEventLoop()
  return operation
}

/** Starts an operation in the core, which does not keep the event loop alive. */
export function startUnrefOperation<T extends object>(
  pid: number,
  start: (queue: number, id: OperationId) => Failure | void | null | undefined,
  fetch: (queue: number, id: OperationId) => T | Failure | null | undefined,
  onComplete = () => {},
): Operation<T> {
  const id = ++state.lastId
  unwrap(start(completionQueue(), id), pid)
  const result = new Promise<T>((resolve, reject) => {
    pending.set(id, () => {
      onComplete()
      try {
        resolve(unwrap(fetch(completionQueue(), id)!, pid))
      } catch (error) {
        reject(error)
      }
    })
  })
  return { id, result }
}

/** Calls `onStep` each time that the core completes the operation, until `stopObserver()`. */
export function startObserver(onStep: (signal: number, left: number) => void): OperationId {
  const id = ++state.lastId
  observers.set(id, onStep)
  return id
}

export function stopObserver(id: OperationId): void {
  observers.delete(id)
}

/** Called by the core. What the process has written to its pipes is read before the completion is told. */
function complete(id: OperationId, code: number | null | undefined, signal: number | null | undefined): void {
  if (observers.has(id)) return afterPoll(() => observers.get(id)?.(code!, signal!))
  if (!pending.has(id)) return
  afterPoll(() => {
    const onComplete = pending.get(id)
    if (!pending.delete(id)) return
    stopPolling(id)
    native.forget(completionQueue(), id)
    onComplete?.(code ?? null, signal ?? null)
  })
}
