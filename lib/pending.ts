import type { Failure } from '../binding.js'
import { native, sharedState } from './native.js'
import { type Handle, isFailure, unwrap } from './handle.js'
import { pollExit, stopPolling } from './poll-exits.js'
import { afterPoll } from './turn.js'

/** Called on completion: with the exit code or signal of a process, or with neither if the result has to be fetched. */
type OnComplete = (code: number | null, signal: number | null) => void

/** Names a pending operation to the binding. */
export type OperationId = number

interface State {
  readonly pending: Map<OperationId, OnComplete>
  /** Opened for the first operation. */
  queue: number | undefined
  lastId: number
  refs: number
}

/** Shared, as a queue lasts until the thread ends. It would keep the load of the package that opened it. */
const state = sharedState('pending', (): State => ({ pending: new Map(), queue: undefined, lastId: 0, refs: 0 }))
const { pending } = state

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

/** Cancels a wait. Does nothing if it has completed. */
export function cancelWait(id: OperationId): void {
  if (!pending.delete(id)) return
  stopPolling(id)
  native.cancel(completionQueue(), id)
}

/** Keeps the event loop alive until `unrefEventLoop()` has been called as often as this. */
export function refEventLoop(): void {
  if (++state.refs === 1) native.holdOpen(completionQueue(), true)
}

export function unrefEventLoop(): void {
  if (--state.refs === 0) native.holdOpen(completionQueue(), false)
}

/**
 * Starts an operation in the core whose result is fetched on completion. Until then it keeps the event loop alive.
 */
export function startOperation<T extends object>(
  pid: number,
  start: (queue: number, id: OperationId) => Failure | void | null | undefined,
  fetch: (queue: number, id: OperationId) => T | Failure | null | undefined,
): { id: OperationId; result: Promise<T> } {
  const id = ++state.lastId
  unwrap(start(completionQueue(), id), pid)
  refEventLoop()
  const result = new Promise<T>((resolve, reject) => {
    pending.set(id, () => {
      unrefEventLoop()
      try {
        resolve(unwrap(fetch(completionQueue(), id)!, pid))
      } catch (error) {
        reject(error)
      }
    })
  })
  return { id, result }
}

/** Called by the core. What the process has written to its pipes is read in the same turn of the event loop. */
function complete(id: OperationId, code: number | null | undefined, signal: number | null | undefined): void {
  if (!pending.has(id)) return
  afterPoll(() => {
    const onComplete = pending.get(id)
    cancelWait(id)
    onComplete?.(code ?? null, signal ?? null)
  })
}
