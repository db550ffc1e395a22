import type { TerminateOptions, TerminationProgress } from '../../index.js'
import { StatusLine } from './output.js'

/** Milliseconds. */
const DEFAULT_GRACE = 5000
const INTERVAL = 200

/** A terminal tells a press to a whole group, and timeout(1) passes it on once more. */
const SAME_PRESS = 100

/** A termination that is under way. */
interface Running {
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
  readonly #running = new Map<string, Running>()
  readonly #force = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined
  #isPressed = false
  /** When Ctrl-C was pressed last. */
  #pressedAt = -Infinity

  constructor(isSilent: boolean) {
    this.#isSilent = isSilent
    if (!this.#line.isShown) return
    this.#timer = setInterval(() => this.#show(), INTERVAL)
    this.#timer.unref()
    process.on('SIGINT', this.#onInterrupt)
  }

  /** Returns what shows and hurries a termination. */
  follow(
    label: string,
    { grace = DEFAULT_GRACE }: TerminateOptions,
  ): { onStep: (step: TerminationProgress) => void; forceSignal: AbortSignal } {
    const running: Running = { left: 1, killAt: grace === false ? null : performance.now() + grace }
    this.#running.set(label, running)
    const onStep = ({ kind, left }: TerminationProgress): void => {
      running.left = left
      if (kind === 'kill') running.killAt = null
      this.#show()
    }
    return { onStep, forceSignal: this.#force.signal }
  }

  leave(label: string): void {
    this.#running.delete(label)
    this.#clear()
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
    this.#isPressed = true
    this.#show()
  }

  /** Whether a process is to get SIGKILL later, so that it can have it now. */
  get #canHurry(): boolean {
    return !this.#force.signal.aborted && [...this.#running.values()].some(({ killAt }) => killAt !== null)
  }

  get #isHidden(): boolean {
    return this.#isSilent && !this.#isPressed
  }

  #clear(): void {
    if (!this.#isHidden) this.#line.clear()
  }

  #show(): void {
    if (this.#isHidden || !this.#line.isShown) return
    const hint = this.#isPressed && this.#canHurry ? ' (Ctrl-C again: SIGKILL now)' : ''
    const each = [...this.#running].map(([label, { left, killAt }]) => {
      const seconds = killAt === null ? 0 : Math.ceil((killAt - performance.now()) / 1000)
      return `${label}: ${left} left${seconds > 0 ? `, SIGKILL in ${seconds} s` : ''}`
    })
    this.#line.show(`${each.join('; ')}${hint}`)
  }
}
