import type { TerminateOptions, TerminationProgress } from '../../index.js'
import { StatusLine } from './output.js'

/** Milliseconds. */
const DEFAULT_GRACE = 5000
const INTERVAL = 200

/** A termination that is under way. */
interface Running {
  left: number
  /** When SIGKILL follows. `null`: it was sent, or is never sent. */
  killAt: number | null
}

/**
 * Shows on a terminal which processes are left, and when they get SIGKILL. The first Ctrl-C says what a second one does: it skips
 * the rest of the grace period.
 */
export class Progress {
  readonly #line = new StatusLine()
  readonly #isSilent: boolean
  readonly #running = new Map<string, Running>()
  readonly #force = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined
  #isAsked = false

  constructor(isSilent: boolean) {
    this.#isSilent = isSilent
    if (isSilent || !this.#line.isShown) return
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
    if (!this.#isSilent) this.#line.clear()
  }

  stop(): void {
    clearInterval(this.#timer)
    process.off('SIGINT', this.#onInterrupt)
    if (!this.#isSilent) this.#line.clear()
  }

  readonly #onInterrupt = (): void => {
    if (this.#isAsked) this.#force.abort()
    this.#isAsked = true
    this.#show()
  }

  #show(): void {
    if (this.#isSilent || !this.#line.isShown) return
    const hint = this.#isAsked && !this.#force.signal.aborted ? ' (Ctrl-C again: SIGKILL now)' : ''
    const each = [...this.#running].map(([label, { left, killAt }]) => {
      const seconds = killAt === null ? 0 : Math.ceil((killAt - performance.now()) / 1000)
      return `${label}: ${left} left${seconds > 0 ? `, SIGKILL in ${seconds} s` : ''}`
    })
    this.#line.show(`${each.join('; ')}${hint}`)
  }
}
