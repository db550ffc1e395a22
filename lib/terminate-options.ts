import type { Request, Step } from '../binding.js'
import { type AbortSignalLike, checkAbortSignal } from './abort.js'
import {
  checkArray,
  checkBoolean,
  checkDuration,
  checkOneOf,
  checkOptions,
  incompatible,
  outOfRange,
} from './arguments.js'
import { type Scope, SCOPES } from './scope.js'
import { sentSignalNumber, type Signal, signalNumber } from './signal.js'

/** A round of signals, and how long it may take effect. */
export interface TerminateStep {
  /** Sent in this order. `[]`: nothing is sent, and the step waits only. */
  signal: Signal | readonly Signal[]
  /** Milliseconds until the next step, or SIGKILL. `Infinity` is no limit. */
  grace: number
  /**
   * Who is sent them: everyone in scope, or the target itself.
   *
   * @default 'all'
   */
  to?: 'all' | 'root' | undefined
}

export interface TerminateOptions {
  /**
   * Who is to end with the target: nobody, its process group, or all that it has started.
   *
   * @default 'tree'
   */
  scope?: Scope | undefined
  /**
   * The polite signal. `'SIGKILL'`: there is none, and `grace` is 0.
   *
   * @default 'SIGTERM'
   */
  killSignal?: Signal | undefined
  /**
   * Milliseconds from the polite signal to SIGKILL, for everyone in scope. `0`: SIGKILL at once, and no polite signal.
   * `false`: never SIGKILL. `Infinity`: no limit.
   *
   * @default 5000
   */
  grace?: number | false | undefined
  /** Several rounds of polite signals, in place of `killSignal` and `grace`. SIGKILL follows the last. */
  steps?: readonly TerminateStep[] | undefined
  /**
   * Milliseconds to wait after SIGKILL (with `grace: false`: after the polite signal) before those who live on are
   * reported as survivors.
   *
   * @default 5000
   */
  timeout?: number | undefined
  /** Once it is aborted, what is left of the grace is skipped. The polite signal is sent in any case. */
  forceSignal?: AbortSignalLike | undefined
  /**
   * Whether this process, its ancestors and pid 1 may be in scope. This process then comes last.
   *
   * @default false
   */
  allowSelf?: boolean | undefined
}

/** What was checked: for the native part, and what stays here. */
export interface Checked {
  readonly request: Request
  readonly forceSignal: AbortSignalLike | undefined
}

const GRACE = 5000
const TIMEOUT = 5000
const RECIPIENTS = ['all', 'root'] as const

export function checkTerminateOptions(options: unknown = {}): Checked {
  checkOptions(options)
  const { scope, timeout = TIMEOUT, forceSignal, allowSelf = false, ...ladder } = options as TerminateOptions
  if (scope !== undefined) checkOneOf('options.scope', SCOPES, scope)
  const { steps, kill } = checkLadder(ladder)
  checkDuration('options.timeout', timeout)
  if (forceSignal !== undefined) checkAbortSignal('options.forceSignal', forceSignal)
  checkBoolean('options.allowSelf', allowSelf)
  // Whether it is in a hurry is seen when it begins.
  const request = { steps, kill, timeout, allowSelf, forced: false, ...(scope === undefined ? {} : { scope }) }
  return { request, forceSignal }
}

function checkLadder({ killSignal, grace, steps }: TerminateOptions): { steps: Step[]; kill: boolean } {
  if (steps !== undefined) {
    if (killSignal !== undefined) throw incompatible('options.steps', 'options.killSignal')
    if (grace !== undefined) throw incompatible('options.steps', 'options.grace')
    return { steps: checkSteps(steps), kill: true }
  }
  const number = sentSignalNumber(killSignal ?? 'SIGTERM', 'options.killSignal')
  const wait = grace ?? GRACE
  if (wait !== false) checkDuration('options.grace', wait, ' or false')
  if (wait === 0 || number === signalNumber('SIGKILL')) return { steps: [], kill: true }
  return { steps: [{ signals: [number], grace: wait === false ? 0 : wait, toRoot: false }], kill: wait !== false }
}

function checkSteps(steps: unknown): Step[] {
  checkArray('options.steps', steps)
  if (steps.length === 0) throw outOfRange('options.steps', 'at least one step', steps)
  // What is left out in an array is not skipped.
  return Array.from(steps, (step, index) => checkStep(step, `options.steps[${index}]`))
}

function checkStep(step: unknown, name: string): Step {
  checkOptions(step, name)
  const { signal, grace, to = 'all' } = step as TerminateStep
  const signals: readonly unknown[] = Array.isArray(signal) ? signal : [signal]
  checkDuration(`${name}.grace`, grace)
  checkOneOf(`${name}.to`, RECIPIENTS, to)
  return {
    signals: Array.from(signals, (each) => sentSignalNumber(each, `${name}.signal`)),
    grace,
    toRoot: to === 'root',
  }
}
