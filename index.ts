/// <reference lib="esnext.disposable" preserve="true" />

export { type AbortSignalLike } from './lib/abort.js'
export { capabilities, type Capabilities } from './lib/capabilities.js'
export { type ChildLike } from './lib/child.js'
export { descendants } from './lib/descendants.js'
export { KillError, type KillErrorCode } from './lib/errors.js'
export { type ExitStatus } from './lib/exit-status.js'
export { exited, type ExitedOptions } from './lib/exited.js'
export { killOnAbort, type KillOnAbort } from './lib/kill-on-abort.js'
export { type Method } from './lib/method.js'
export { type OpenOptions } from './lib/open-options.js'
export { type ProcessInfo } from './lib/process-info.js'
export { type Scope } from './lib/scope.js'
export { type Signal, type SignalName } from './lib/signal.js'
export { resume, suspend, type SuspendOptions } from './lib/suspend.js'
export { type TargetLike } from './lib/target-like.js'
export { KillTarget } from './lib/target.js'
export {
  type TerminateOptions,
  type TerminateStep,
  type TerminateSyncOptions,
  type TerminationProgress,
} from './lib/terminate-options.js'
export { terminate, terminateSync } from './lib/terminate.js'
export { type Survivor, type Termination } from './lib/termination.js'
export { type Leftovers, waitOrKill, type WaitOrKillOptions, type WaitOrKillResult } from './lib/wait-or-kill.js'
