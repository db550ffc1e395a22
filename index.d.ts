/// <reference lib="esnext.disposable" preserve="true" />
export { type AbortSignalLike } from './lib/abort.js';
export { capabilities, type Capabilities } from './lib/capabilities.js';
export { type ChildLike } from './lib/child.js';
export { descendants } from './lib/descendants.js';
export { KillError } from './lib/errors.js';
export { type ExitedOptions } from './lib/exited.js';
export { killOnAbort, type KillOnAbort } from './lib/kill-on-abort.js';
export { type TargetLike } from './lib/target-like.js';
export { type ProcessInfo } from './lib/process-info.js';
export { type Scope } from './lib/scope.js';
export { type Signal, type SignalName } from './lib/signal.js';
export { type SuspendOptions } from './lib/suspend.js';
export { KillTarget, type Method, type OpenOptions } from './lib/target.js';
export { terminate, terminateSync } from './lib/terminate.js';
export { type TerminateOptions, type TerminateStep } from './lib/terminate-options.js';
export { type Survivor, type Termination } from './lib/termination.js';
export { waitOrKill, type WaitOrKillOptions, type WaitOrKillResult } from './lib/wait-or-kill.js';
export { type ExitStatus } from './lib/exit-status.js';
