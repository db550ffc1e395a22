import { native } from './native.js'

let isHooked = false

/**
 * From now on the end of this process, by `process.exit()` too, turns the graces that are pending then into SIGKILL: nobody
 * would be left to do that later. The end of a thread does not, as the native part goes on.
 */
export function killAtExit(): void {
  if (isHooked) return
  isHooked = true
  // Here, as it takes a while to load and few need it.
  const { isMainThread } = require('node:worker_threads') as typeof import('node:worker_threads')
  if (isMainThread) process.once('exit', () => native.flush())
}
