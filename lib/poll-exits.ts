import { type Handle, isFailure, unwrap } from './handle.js'
import { native, sharedState } from './native.js'
import { after } from './timer.js'

/** Milliseconds between polls. */
const MIN_INTERVAL = 1
const MAX_INTERVAL = 50

/** The waits that the core has refused, for lack of a thread or a file descriptor. This thread polls their processes. */
const polled = sharedState('polled', () => new Map<number, Handle>())
let interval = MIN_INTERVAL
let cancelTimer = () => {}

/** Polls the handle's process until it has exited. The wait then completes. The handle may be closed after the call. */
export function pollExit(queue: number, id: number, handle: Handle, pid: number): void {
  polled.set(id, unwrap(native.share(handle), pid))
  interval = MIN_INTERVAL
  schedule(queue)
}

/** Does nothing if the wait is not polled. */
export function stopPolling(id: number): void {
  const handle = polled.get(id)
  if (handle === undefined) return
  polled.delete(id)
  native.close(handle)
  if (polled.size === 0) cancelTimer()
}

function schedule(queue: number): void {
  cancelTimer()
  // The pending wait decides whether the event loop stays alive.
  cancelTimer = after(interval, false, () => poll(queue))
}

function poll(queue: number): void {
  // The core gets each wait back as soon as it accepts one.
  let isRefused = false
  for (const [id, handle] of polled) {
    isRefused ||= isFailure(native.wait(queue, handle, id))
    if (!isRefused || native.pollExit(queue, handle, id) === true) stopPolling(id)
  }
  if (polled.size === 0) return
  interval = Math.min(interval * 2, MAX_INTERVAL)
  schedule(queue)
}
