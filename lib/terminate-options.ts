import type { Request, Step } from '../binding.js'
import { type AbortSignalLike, checkAbortSignal } from './abort.js'
import {
  checkBoolean,
  checkDuration,
  checkFunction,
  checkOneOf,
  mapElements,
  incompatible,
  invalidValue,
  outOfRange,
  pickOptions,
  wrongType,
} from './arguments.js'
import { type Scope, SCOPES } from './scope.js'
import type { TargetLike } from './target-like.js'
import { sentSignalNumber, type Signal, signalNumber } from './signal.js'

/** One step of a termination: the signals to send, and how long to wait for them to take effect. */
export interface TerminateStep {
  /** The signals, in the order in which they are sent. `[]` sends nothing: the step only waits. */
  signal: Signal | readonly Signal[]
  /** Milliseconds until the next step, or until SIGKILL after the last one. `Infinity` means no limit. */
  grace: number
  /**
   * The recipients: all processes in scope (`'all'`), or the target only (`'root'`).
   *
   * @default 'all'
   */
  to?: 'all' | 'root' | undefined
}

/** What has happened in a termination that is running. */
export interface TerminationProgress {
  /** A polite signal was sent (`'signal'`), SIGKILL was sent (`'kill'`), or processes have exited (`'exit'`). */
  readonly kind: 'signal' | 'kill' | 'exit'
  /** The name of the signal that was sent. Absent if processes have exited. */
  readonly signal?: string
  /** How many processes in scope are known to be alive. */
  readonly left: number
}

/** Options for `terminate`, `terminateSync`, `killOnAbort` and `waitOrKill`. */
export interface TerminateOptions {
  /**
   * The processes to terminate: the target only (`'process'`), its process group (`'group'`), or the target with all its
   * descendants (`'tree'`).
   *
   * @default 'tree'
   */
  scope?: Scope | undefined
  /**
   * The polite signal, which asks the processes to exit, or several, in the order in which they are sent. Each process gets
   * each of them once. With `'SIGKILL'`, which stands alone, there is no polite signal and no grace period.
   *
   * @default 'SIGTERM'
   */
  killSignal?: Signal | readonly Signal[] | undefined
  /**
   * The grace period: milliseconds from the polite signal to SIGKILL, for all processes in scope. `0` sends SIGKILL at once
   * and no polite signal. `false` never sends SIGKILL. `Infinity` means no limit.
   *
   * @default 5000
   */
  grace?: number | false | undefined
  /**
   * Several steps of polite signals, instead of `killSignal` and `grace`. SIGKILL follows the last step.
   *
   * @example
   * steps: [{ signal: 'SIGINT', grace: 1000 }, { signal: 'SIGTERM', grace: 2000 }]
   */
  steps?: readonly TerminateStep[] | undefined
  /**
   * Milliseconds to wait after SIGKILL (with `grace: false`, after the polite signal). Processes still alive after that are
   * reported as survivors. `Infinity` means no limit.
   *
   * @default 5000
   */
  killTimeout?: number | undefined
  /**
   * Skips the rest of the grace period when it is aborted. The polite signal is sent in any case. `terminateSync` refuses this
   * option.
   */
  forceSignal?: AbortSignalLike | undefined
  /**
   * Processes that are left alone, with what they have started: like `target`, each a `KillTarget`, a pid, a token, the object
   * of a child process or a `ProcessInfo`. They are not reported as survivors.
   */
  except?: readonly TargetLike[] | undefined
  /**
   * Called at each step, to show progress: after each signal that is sent to the processes, and after processes have exited.
   * All calls come before the report. An error that it throws is uncaught, as that of an event listener, and the termination
   * goes on. `terminateSync` refuses this option.
   */
  onStep?: ((step: TerminationProgress) => void) | undefined
  /**
   * Whether this process, its ancestors and pid 1 may be in scope. If this process is in scope, it comes last. Without
   * this option such a call throws `ERR_PROTECTED_TARGET`.
   *
   * @default false
   */
  allowSelf?: boolean | undefined
}

/** Options for `terminateSync`, which blocks JavaScript: neither an abort nor a step could be told. It refuses the others. */
export type TerminateSyncOptions = Omit<TerminateOptions, 'forceSignal' | 'onStep'>

export interface CheckedTerminateOptions {
  /** What the core gets. */
  readonly request: Request
  readonly except: readonly TargetLike[]
  readonly forceSignal: AbortSignalLike | undefined
  readonly onStep: ((step: TerminationProgress) => void) | undefined
}

/** Milliseconds. */
const DEFAULT_GRACE = 5000
const DEFAULT_KILL_TIMEOUT = 5000
export const TERMINATE_OPTIONS = [
  'scope',
  'killSignal',
  'grace',
  'steps',
  'killTimeout',
  'except',
  'forceSignal',
  'onStep',
  'allowSelf',
] as const satisfies readonly (keyof TerminateOptions)[]
export const MEANT = {
  timeout:
    'Use `grace` for the time before SIGKILL, `killTimeout` for the time after it, or waitOrKill() for a time limit.',
  signal: 'Use `killSignal` for the polite signal, or killOnAbort() or waitOrKill() for an AbortSignal.',
  force: 'Use `grace: 0` to send SIGKILL at once.',
  forceKillAfterDelay: 'Use `grace`.',
}
const STEP_OPTIONS = ['signal', 'grace', 'to'] as const satisfies readonly (keyof TerminateStep)[]
const RECIPIENTS = ['all', 'root'] as const

export function checkTerminateOptions(options: unknown = {}): CheckedTerminateOptions {
  const passed = pickOptions<TerminateOptions, keyof TerminateOptions>(options, TERMINATE_OPTIONS, { meant: MEANT })
  const { scope, killTimeout = DEFAULT_KILL_TIMEOUT, except = [], forceSignal, onStep, allowSelf = false } = passed
  if (scope !== undefined) checkOneOf('options.scope', SCOPES, scope)
  const { steps, kill } = checkEscalation(passed)
  checkDuration('options.killTimeout', killTimeout)
  const excepted = mapElements(except, checkNamed)
  if (excepted === null) throw wrongType('options.except', 'an array', except)
  if (forceSignal !== undefined) checkAbortSignal('options.forceSignal', forceSignal)
  if (onStep !== undefined) checkFunction('options.onStep', onStep)
  checkBoolean('options.allowSelf', allowSelf)
  // Whether the escalation is forced is decided when it starts: `forceSignal` may be aborted by then.
  const request = {
    scope: scope ?? null,
    steps,
    kill,
    timeout: killTimeout,
    allowSelf,
    forced: false,
    except: [],
    observer: null,
  }
  return { request, except: excepted, forceSignal, onStep }
}

export function checkTerminateSyncOptions(options: unknown): CheckedTerminateOptions {
  const checked = checkTerminateOptions(options)
  if (checked.onStep !== undefined) {
    throw invalidValue('terminateSync() blocks JavaScript, so it cannot call `options.onStep`. Use terminate().')
  }
  if (checked.forceSignal !== undefined) {
    const message =
      'terminateSync() blocks JavaScript, so `options.forceSignal` cannot be aborted meanwhile. Use terminate(), or `grace: 0`.'
    throw invalidValue(message)
  }
  return checked
}

/** The rest is checked when it is opened. */
function checkNamed(target: unknown, index: number): TargetLike {
  if (target !== undefined && target !== null) return target
  throw wrongType(`options.except[${index}]`, 'a KillTarget, a pid or an object with a `pid`', target)
}

function checkEscalation({ killSignal, grace, steps }: TerminateOptions): { steps: Step[]; kill: boolean } {
  if (steps !== undefined) {
    if (killSignal !== undefined) throw incompatible('options.steps', 'options.killSignal')
    if (grace !== undefined) throw incompatible('options.steps', 'options.grace')
    return { steps: checkSteps(steps), kill: true }
  }
  const signals = checkSignals(killSignal === undefined ? 'SIGTERM' : killSignal, 'options.killSignal')
  if (signals.length === 0) throw outOfRange('options.killSignal', 'at least one signal', killSignal)
  const isKill = signals.includes(signalNumber('SIGKILL'))
  if (isKill && signals.length > 1) throw killAmongOthers()
  const wait = grace === undefined ? DEFAULT_GRACE : grace
  if (wait !== false) checkDuration('options.grace', wait, ' or false')
  if (wait === false && isKill) throw killWithoutKill()
  if (wait === 0 || isKill) return { steps: [], kill: true }
  return { steps: [{ signals, grace: wait === false ? 0 : wait, toRoot: false }], kill: wait !== false }
}

function checkSteps(steps: unknown): Step[] {
  const checked = mapElements(steps, (step, index) => checkStep(step, `options.steps[${index}]`))
  if (checked === null) throw wrongType('options.steps', 'an array', steps)
  if (checked.length === 0) throw outOfRange('options.steps', 'at least one step', steps)
  return checked
}

function checkStep(step: unknown, name: string): Step {
  const { signal, grace, to = 'all' } = pickOptions<TerminateStep, keyof TerminateStep>(step, STEP_OPTIONS, { name })
  const signals = checkSignals(signal, `${name}.signal`)
  checkDuration(`${name}.grace`, grace)
  checkOneOf(`${name}.to`, RECIPIENTS, to)
  return { signals, grace, toRoot: to === 'root' }
}

/** Returns the numbers of the signals, each once, in the order in which they are sent. */
function checkSignals(signal: unknown, name: string): number[] {
  const check = (each: unknown) => sentSignalNumber(each, name)
  return [...new Set(mapElements(signal, check) ?? [check(signal)])]
}

function killWithoutKill(): TypeError {
  return invalidValue("`options.grace` is false, which never sends SIGKILL, and `options.killSignal` is 'SIGKILL'.")
}

function killAmongOthers(): TypeError {
  const message =
    "`options.killSignal` has 'SIGKILL' among others. SIGKILL follows the grace period by itself: leave it out, or use `steps`."
  return invalidValue(message)
}
