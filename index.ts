/// <reference lib="esnext.disposable" preserve="true" />

export { type AbortSignalLike } from './lib/abort.js'
export { capabilities, type Capabilities } from './lib/capabilities.js'
export { type ChildLike } from './lib/child.js'
export { KillError } from './lib/errors.js'
export { type ExitedOptions } from './lib/exited.js'
export { type Signal, type SignalName } from './lib/signal.js'
export { KillTarget, type Method, type OpenOptions } from './lib/target.js'
export { type ExitStatus } from './lib/waits.js'
