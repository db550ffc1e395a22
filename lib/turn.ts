import { setImmediate } from 'node:timers'

/** Taken when the package is loaded: a test that fakes the timers later fakes another function. */
const later = setImmediate

/** Whether they were faked before that, by node:test or by another library. A faked one never comes by itself. */
const isFaked = later.name !== 'setImmediate' || Object.hasOwn(later, 'clock')

/**
 * Calls `act` when the event loop has read what pipes hold now.
 *
 * What a process has written before its exit can then be read before its exit is told, as with Node's own `exit` event.
 */
export function afterPoll(act: () => void): void {
  if (isFaked) act()
  // The first comes after the poll in which this is called, which may have begun before the last output.
  else later(() => later(act))
}
