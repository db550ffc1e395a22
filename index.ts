/// <reference lib="esnext.disposable" preserve="true" />

export { capabilities, type Capabilities } from './lib/capabilities.js'
export { type ChildLike } from './lib/child.js'
export { KillError } from './lib/errors.js'
export { type Signal, type SignalName } from './lib/signal.js'
export { KillTarget, type Method, type OpenOptions } from './lib/target.js'
