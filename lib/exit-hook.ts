import { native } from './native.js'

let isInstalled = false

/**
 * Installs an exit listener that turns pending grace periods into SIGKILL, also on `process.exit()`. After the exit of this
 * process nothing would send that SIGKILL.
 *
 * A worker needs no listener: the core keeps running when the worker exits.
 */
export function killAtExit(): void {
  if (isInstalled) return
  isInstalled = true
  // Required here because it is slow to load, and few programs terminate anything.
  const { isMainThread } = require('node:worker_threads') as typeof import('node:worker_threads')
  if (isMainThread) process.once('exit', () => native.flush())
}
