import { acquireFinalizer, type Finalizer, releaseFinalizer } from './finalizer.js'
import { type Handle, unwrap } from './handle.js'
import { native, sharedState } from './native.js'
import { after } from './timer.js'

/** Milliseconds between two looks for the keeper of a guard. */
const [MIN_DELAY, MAX_DELAY] = [1, 50]

interface KeptGuard {
  /** The pid that the object had. If the object has another pid now, it stands for another process. */
  readonly pid: number
  readonly finalizer: Finalizer
}

/** The guards that are needed after their exit, by their child objects. Each is open as long as its object is referred to. */
const guards = sharedState('kept guards', () => new WeakMap<object, KeptGuard>())

/** What can prove that nothing is left of a guard. */
export type Proof = 'reaper' | 'kernel'

/** What has contained the children that are over. */
const over = sharedState('guards that are over', () => new WeakMap<object, Proof>())

/**
 * Keeps a child open if it is a guard that exits with its command, and of which the keeper goes on. Once the guard has exited,
 * the processes that are left are found by the keeper only, and that by the guard while it lives.
 */
export function keepGuard(child: object, handle: Handle, pid: number): void {
  if (typeof native.knowsKeeper(handle) !== 'boolean') return
  const guard = holdGuard(child, handle, pid)
  let delay = MIN_DELAY
  const look = () => {
    if (native.knowsKeeper(guard) !== false || native.isAlive(guard) === false) return
    after(delay, false, look)
    delay = Math.min(2 * delay, MAX_DELAY)
  }
  look()
}

/** Keeps a child open that is a guard: once it was killed, nothing else says that it was one. Returns the handle that is kept. */
export function holdGuard(child: object, handle: Handle, pid: number): Handle {
  let guard = guards.get(child)
  if (guard?.pid !== pid) {
    guard = { pid, finalizer: acquireFinalizer(unwrap(native.share(handle), pid)) }
    guards.set(child, guard)
  }
  return guard.finalizer.held.handle
}

/** Closes what is kept for a child. `proof`: what proves that all that it has started is over, if anything does. */
export function dropGuard(child: object, proof: Proof | null): void {
  const guard = guards.get(child)
  if (guard === undefined) return
  guards.delete(child)
  if (proof !== null) over.set(child, proof)
  native.close(guard.finalizer.held.handle)
  releaseFinalizer(guard.finalizer)
}

/** Returns what has contained a child that is over with all that it has started, if that is proved. */
export function provenContainment(child: object | undefined): Proof | null {
  return (child === undefined ? undefined : over.get(child)) ?? null
}

/** Opens the guard that is kept for a child once more. Returns `null` if there is none. */
export function openKeptGuard(child: object, pid: number): Handle | null {
  const guard = guards.get(child)
  return guard?.pid === pid ? unwrap(native.share(guard.finalizer.held.handle), pid) : null
}
