import type { TerminateOptions, TerminationProgress } from '../../index.js'
import { StatusLine } from './output.js'

/** Milliseconds. */
const DEFAULT_GRACE = 5000
const INTERVAL = 200

/** A terminal tells a press to a whole group, and timeout(1) passes it on once more. */
const SAME_PRESS = 100

/** It comes first in the line: the rest may be cut off. */
const HINT = 'Ctrl-C again: SIGKILL now'

/** A termination that is under way. */
interface Running {
  readonly pid: number
  readonly label: string
  left: number
  /** When SIGKILL follows. `null`: it was sent, or is never sent. */
  killAt: number | null
}

/**
 * Shows on a terminal which processes are left, and when they get SIGKILL. The first Ctrl-C says what a second one does, also where
 * the rest is silent: it skips the rest of the grace period. Without one, Ctrl-C ends this process.
 */
export class Progress {
  readonly #line = new StatusLine()
  readonly #isSilent: boolean
  readonly #running = new Set<Running>()
  readonly #force = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined
  #isPressed = false
  /** When Ctrl-C was pressed last. */
  #pressedAt = -Infinity

  constructor(isSilent: boolean) {
    this.#isSilent = isSilent
    if (process.stderr.isTTY) process.on('SIGINT', this.#onInterrupt)
    if (!this.#line.isShown) return
    this.#timer = setInterval(() => this.#show(), INTERVAL)
    this.#timer.unref()
  }

  /** Returns what shows and hurries a termination, and what to call when it is over. */
  follow(
    pid: number,
    label: string,
    { grace = DEFAULT_GRACE }: TerminateOptions,
  ): { onStep: (step: TerminationProgress) => void; forceSignal: AbortSignal; leave: () => void } {
    const running: Running = { pid, label, left: 1, killAt: grace === false ? null : performance.now() + grace }
    this.#running.add(running)
    const onStep = ({ kind, left }: TerminationProgress): void => {
      running.left = left
      if (kind === 'kill') running.killAt = null
      this.#show()
    }
    const leave = (): void => {
      this.#running.delete(running)
      this.#clear()
    }
    return { onStep, forceSignal: this.#force.signal, leave }
  }

  stop(): void {
    clearInterval(this.#timer)
    process.off('SIGINT', this.#onInterrupt)
    this.#clear()
  }

  readonly #onInterrupt = (): void => {
    const now = performance.now()
    if (now - this.#pressedAt < SAME_PRESS) return
    this.#pressedAt = now
    if (!this.#canHurry) {
      // The key does what it does to other programs.
      this.stop()
      process.kill(process.pid, 'SIGINT')
      return
    }
    if (this.#isPressed) this.#force.abort()
    else if (!this.#line.isShown) console.error(HINT)
    this.#isPressed = true
    this.#show()
  }

  /** Whether a process is to get SIGKILL later, so that it can have it now. */
  get #canHurry(): boolean {
    return !this.#force.signal.aborted && [...this.#running].some(({ killAt }) => killAt !== null)
  }

  get #isHidden(): boolean {
    return this.#isSilent && !this.#isPressed
  }

  #clear(): void {
    if (!this.#isHidden) this.#line.clear()
  }

  #show(): void {
    if (this.#isHidden || !this.#line.isShown) return
    const hint = this.#isPressed && this.#canHurry ? `${HINT}. ` : ''
    this.#line.show(hint + describe([...this.#running]))
  }
}

/** Returns what fits into a line. Several terminations of one process are one. */
function describe(running: readonly Running[]): string {
  const targets = new Map<number, Running>()
  for (const each of running) {
    const known = targets.get(each.pid)
    if (known === undefined || known.left < each.left) targets.set(each.pid, each)
  }
  if (targets.size === 0) return ''
  const left = [...targets.values()].reduce((sum, each) => sum + each.left, 0)
  const label = targets.size === 1 ? running[0]!.label : `${targets.size} targets`
  const killAt = Math.min(...running.map((each) => each.killAt ?? Infinity))
  const seconds = Math.ceil((killAt - performance.now()) / 1000)
  return `${label}: ${left} left${seconds > 0 && seconds < Infinity ? `, SIGKILL in ${seconds} s` : ''}`
}
