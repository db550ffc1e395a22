import type { Report } from '../binding.js'
import { onAbort } from './abort.js'
import type { ChildLike } from './child.js'
import { childExitStatus, childExitStatusNow, recordSentSignal } from './child-exit-status.js'
import { killAtExit } from './exit-hook.js'
import { type Handle, unwrap } from './handle.js'
import { native } from './native.js'
import { completionQueue, type OperationId, startOperation } from './pending.js'
import type { CheckedTerminateOptions } from './terminate-options.js'
import { type Termination, termination } from './termination.js'

/**
 * Starts a termination in the core, which keeps the event loop alive. The handle may be closed after the call.
 *
 * @param child The child object of the process. It has the exit status if the core could not read it.
 */
export async function startTermination(
  handle: Handle,
  pid: number,
  child: ChildLike | undefined,
  checked: CheckedTerminateOptions,
): Promise<Termination> {
  killAtExit()
  recordSentSignals(child, checked)
  const { request, forceSignal } = checked
  let id: OperationId | undefined
  // Before the start: if the signal throws, nothing has been started.
  const listening = onAbort(forceSignal, () => {
    if (id !== undefined) native.force(completionQueue(), id)
  })
  let report: Termination
  try {
    const forced = listening.isAborted
    const start = (queue: number, number: number) => native.terminate(queue, handle, number, { ...request, forced })
    const operation = startOperation<Report>(pid, start, native.fetchReport)
    id = operation.id
    report = termination(await operation.result)
  } finally {
    listening.stop()
  }
  if (child === undefined || report.exit?.known !== false) return report
  return { ...report, exit: await childExitStatus(child) }
}

/** Runs a termination on this thread, and returns when it is done. */
export function runTerminationSync(
  handle: Handle,
  pid: number,
  child: ChildLike | undefined,
  checked: CheckedTerminateOptions,
): Termination {
  recordSentSignals(child, checked)
  const report = termination(unwrap(native.terminateSync(handle, checked.request), pid))
  if (child === undefined || report.exit?.known !== false) return report
  return { ...report, exit: childExitStatusNow(child) }
}

function recordSentSignals(child: ChildLike | undefined, { request: { steps } }: CheckedTerminateOptions): void {
  for (const { signals } of steps) for (const signal of signals) recordSentSignal(child, signal)
}
