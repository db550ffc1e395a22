import { constants } from 'node:os'
import type { ProcessInfo as Found } from '../binding.js'
import { KillError } from './errors.js'
import { killAtExit } from './exit-hook.js'
import { native } from './native.js'
import { unwrap } from './handle.js'
import { startOperation } from './pending.js'

/**
 * Signals a process and all its descendants, whoever they are: this process too, as the last one. It has begun when this
 * returns, and resolves once the signal was sent to all. Where somebody may not be signalled, everybody else is, and it
 * rejects as `process.kill` throws.
 */
export async function signalTree(pid: number, signal: number): Promise<void> {
  const refused = await begin(pid, signal).catch(ifNotPermitted)
  if (refused === null || refused.length > 0) throw notPermitted()
}

/** Resolves to those that may not be signalled. */
async function begin(pid: number, signal: number): Promise<Found[]> {
  killAtExit()
  // Where nothing tells the process from a later one, its number is all that the caller has, too.
  const handle = unwrap(native.open(pid, true), pid)
  const send = (queue: number, number: number) => native.signalDescendants(queue, handle, number, signal)
  try {
    return startOperation<Found[]>(pid, send, native.fetchProcesses, true).result
  } finally {
    // What has begun has a hold of its own.
    native.close(handle)
  }
}

function ifNotPermitted(error: unknown): null {
  if (error instanceof KillError && error.code === 'EPERM') return null
  throw error
}

/** Node's own error. */
function notPermitted(): Error {
  return Object.assign(new Error('kill EPERM'), { errno: -constants.errno.EPERM, code: 'EPERM', syscall: 'kill' })
}
