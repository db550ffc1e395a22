import { native, sharedState } from './native.js'
import type { Handle } from './handle.js'

/**
 * Closes a handle once the finalizer is garbage collected. Only the owner of the handle may refer to it.
 *
 * A registration with a `FinalizationRegistry` costs as much as a system call. So a finalizer is registered once and
 * reused for later handles.
 */
export interface Finalizer {
  readonly held: { handle: Handle }
}

/** Stands for no handle: `close` ignores it. */
const NONE: Handle = 0

const MAX_IDLE_FINALIZERS = 256

/** A registry that is collected itself closes nothing, so it outlives the load of the package that made it. */
const { idle, registry } = sharedState('finalizers', () => ({
  idle: [] as Finalizer[],
  registry: new FinalizationRegistry<Finalizer['held']>(({ handle }) => native.close(handle)),
}))

/** Returns a finalizer that closes the handle. The caller must keep the only reference to it. */
export function acquireFinalizer(handle: Handle): Finalizer {
  const finalizer = idle.pop() ?? register()
  finalizer.held.handle = handle
  return finalizer
}

/** Takes back a finalizer whose handle is closed. The caller must drop its reference. */
export function releaseFinalizer(finalizer: Finalizer): void {
  finalizer.held.handle = NONE
  if (idle.length < MAX_IDLE_FINALIZERS) idle.push(finalizer)
}

function register(): Finalizer {
  const finalizer = { held: { handle: NONE } }
  registry.register(finalizer, finalizer.held)
  return finalizer
}
