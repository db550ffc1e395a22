import { setImmediate } from 'node:timers'
import { type OperationId, startObserver, stopObserver } from './pending.js'
import { signalName } from './signal.js'
import type { TerminationProgress } from './terminate-options.js'

/** Calls back at each step of a termination, until it is stopped. */
export interface Observer {
  /** What the core completes at each step. */
  readonly id: OperationId | null
  stop(): void
}

export function observe(onStep: ((step: TerminationProgress) => void) | undefined): Observer {
  if (onStep === undefined) return { id: null, stop() {} }
  const id = startObserver((number, left) => {
    const signal = signalName(number)
    if (number === 0) call(onStep, { kind: 'exit', left })
    else call(onStep, { kind: signal === 'SIGKILL' ? 'kill' : 'signal', signal, left })
  })
  return { id, stop: () => stopObserver(id) }
}

/** An error of the callback is thrown in a turn of its own, as that of an event listener. The termination goes on. */
function call(onStep: (step: TerminationProgress) => void, step: TerminationProgress): void {
  try {
    onStep(step)
  } catch (error) {
    setImmediate(() => {
      throw error
    })
  }
}
