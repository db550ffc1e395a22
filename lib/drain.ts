import { hasMember, pick } from './arguments.js'
import type { ChildLike } from './child.js'
import { heldOpen, startTimer } from './pending.js'

/** What is used of Node's `Readable`. */
interface Output {
  readonly readableEnded?: boolean
  readonly destroyed?: boolean
  once(event: 'end' | 'close', listener: () => void): unknown
  removeListener(event: 'end' | 'close', listener: () => void): unknown
  destroy(): unknown
}

/**
 * Resolves when Node's streams of a child's stdout and stderr have ended, at the latest after a limit in milliseconds. Streams
 * that have not ended by then are destroyed. Without a limit it does nothing.
 */
export async function drain(child: ChildLike | undefined, limit: number | undefined): Promise<void> {
  if (limit === undefined) return
  const open = outputsOf(child).filter((output) => !hasEnded(output))
  if (open.length === 0) return
  const waits = open.map(waitForEnd)
  let cancel = () => {}
  const late = new Promise<void>((resolve) => (cancel = startTimer(limit, resolve)))
  await heldOpen(Promise.race([Promise.all(waits.map(({ ended }) => ended)), late]))
  cancel()
  for (const { stop } of waits) stop()
  for (const output of open) if (!hasEnded(output)) output.destroy()
}

function outputsOf(child: ChildLike | undefined): Output[] {
  if (child === undefined) return []
  return (['stdout', 'stderr'] as const).map((name) => streamOf(child, name)).filter(isOutput)
}

/** Deno throws where a stream is no pipe. */
function streamOf(child: ChildLike, name: 'stdout' | 'stderr'): unknown {
  try {
    return pick(child as { stdout?: unknown; stderr?: unknown }, [name])[name]
  } catch {
    return undefined
  }
}

/** The streams of Bun's and Deno's own children do not tell when they have ended, and have no `destroy()`. */
function isOutput(value: unknown): value is Output {
  return (
    typeof value === 'object' &&
    value !== null &&
    hasMember(value, 'readableEnded') &&
    ['once', 'removeListener', 'destroy'].every((name) => hasMember(value, name))
  )
}

function hasEnded({ readableEnded, destroyed }: Output): boolean {
  return readableEnded === true || destroyed === true
}

/** A stream that fails is closed, and one that is destroyed does not end. */
function waitForEnd(output: Output): { ended: Promise<void>; stop: () => void } {
  let onEnd = () => {}
  const ended = new Promise<void>((resolve) => (onEnd = resolve))
  output.once('end', onEnd)
  output.once('close', onEnd)
  const stop = () => {
    output.removeListener('end', onEnd)
    output.removeListener('close', onEnd)
  }
  return { ended, stop }
}
