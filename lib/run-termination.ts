import type { Report, Request } from '../binding.js'
import { onAbort } from './abort.js'
import type { ChildLike } from './child.js'
import { childExitStatus, childExitStatusNow, recordSentSignal } from './child-exit-status.js'
import { killAtExit } from './exit-hook.js'
import { unwrap } from './handle.js'
import { provenContainment } from './kept-guard.js'
import { native } from './native.js'
import type { Opened } from './opened.js'
import {
  cancelOperation,
  completionQueue,
  type Operation,
  type OperationId,
  startOperation,
  startUnrefOperation,
} from './pending.js'
import { observe } from './progress.js'
import type { CheckedTerminateOptions } from './terminate-options.js'
import { type Termination, termination } from './termination.js'

/** Throws if the termination would be refused. */
export function checkScope(
  { pid, handle, except }: Opened,
  { request: { scope, allowSelf } }: CheckedTerminateOptions,
): void {
  unwrap(native.checkScope(handle, scope, allowSelf, except), pid)
}

/** Starts a termination in the core, which keeps the event loop alive. The process may be closed after the call. */
export async function startTermination(
  { pid, handle, child, except }: Opened,
  checked: CheckedTerminateOptions,
): Promise<Termination> {
  killAtExit()
  recordSentSignals(child, checked)
  const start = (request: Request) =>
    startOperation<Report>(pid, (queue, id) => native.terminate(queue, handle, id, request), native.fetchReport)
  const { operation, stopListening } = startForceable(checked, except, start)
  try {
    return await completed(await operation.result, child, checked)
  } finally {
    stopListening()
  }
}

/** A termination that begins at a time, unless the process has exited by then. */
export interface ScheduledTermination {
  /**
   * Settles when the termination has been carried out, and never if that does not begin. It does not keep the event loop
   * alive.
   */
  readonly report: Promise<Termination>
  /** Cancels it. Returns false if it has begun. */
  cancel(): boolean
}

/**
 * Starts a termination after a delay in milliseconds, unless the process has exited by then. It does not keep the event loop
 * alive. The core keeps the time, and does not wait for JavaScript. The process may be closed after the call.
 */
export function scheduleTermination(
  { pid, handle, child, except }: Opened,
  checked: CheckedTerminateOptions,
  delay: number,
): ScheduledTermination {
  killAtExit()
  let isOver = false
  const start = (request: Request) =>
    startUnrefOperation<Report>(
      pid,
      (queue, id) => native.terminate(queue, handle, id, request, delay),
      native.fetchReport,
      () => (isOver = true),
    )
  const { operation, stopListening } = startForceable(checked, except, start)
  const report = operation.result.then((found) => {
    recordSentSignals(child, checked)
    return completed(found, child, checked)
  })
  const cancel = () => {
    const isCancelled = !isOver && cancelOperation(operation.id)
    if (isCancelled) stopListening()
    return isCancelled
  }
  return { report: report.finally(stopListening), cancel }
}

/** Starts a termination, forces it when `forceSignal` is aborted, and tells `onStep`. */
function startForceable(
  { request, forceSignal, onStep }: CheckedTerminateOptions,
  except: Opened['except'],
  start: (request: Request) => Operation<Report>,
): { operation: Operation<Report>; stopListening: () => void } {
  let id: OperationId | undefined
  // Before the start: if the signal throws, nothing has been started.
  const listening = onAbort(forceSignal, () => {
    if (id !== undefined) native.force(completionQueue(), id)
  })
  const observer = observe(onStep)
  const stopListening = () => {
    listening.stop()
    observer.stop()
  }
  try {
    const operation = start({
      ...request,
      except,
      forced: listening.isAborted,
      observer: observer.id,
    })
    id = operation.id
    return { operation, stopListening }
  } catch (error) {
    stopListening()
    throw error
  }
}

/** A contained child that is over is no longer open, so the core does not know what has contained it. */
export function withProof(
  report: Termination,
  child: ChildLike | undefined,
  { request: { scope }, except }: CheckedTerminateOptions,
): Termination {
  const isUnknown = report.outcome === 'gone' && report.proof === 'best-effort'
  const isWholeTree = (scope ?? 'tree') === 'tree' && except.length === 0
  const containment = isUnknown && isWholeTree ? provenContainment(child) : null
  return containment === null ? report : { ...report, proof: containment }
}

async function completed(
  found: Report,
  child: ChildLike | undefined,
  checked: CheckedTerminateOptions,
): Promise<Termination> {
  const report = withProof(termination(found), child, checked)
  if (child === undefined || report.status?.known !== false) return report
  return { ...report, status: await childExitStatus(child) }
}

/** Runs a termination on this thread, and returns when it is done. */
export function runTerminationSync(
  { pid, handle, child, except }: Opened,
  checked: CheckedTerminateOptions,
): Termination {
  recordSentSignals(child, checked)
  const found = termination(unwrap(native.terminateSync(handle, { ...checked.request, except }), pid))
  const report = withProof(found, child, checked)
  if (child === undefined || report.status?.known !== false) return report
  return { ...report, status: childExitStatusNow(child) }
}

function recordSentSignals(child: ChildLike | undefined, { request: { steps } }: CheckedTerminateOptions): void {
  for (const { signals } of steps) for (const signal of signals) recordSentSignal(child, signal)
}
