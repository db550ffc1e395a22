import { outOfRange, wrongType } from './arguments.js'
import { unwrap } from './handle.js'
import { native } from './native.js'
import { type ProcessInfo, processInfo } from './process-info.js'

const MAX_PORT = 65_535

/**
 * Returns the processes that listen on a port: for connections by TCP, or for datagrams by UDP, on any IPv4 or IPv6 address. A
 * socket that several processes have inherited names all of them.
 *
 * On Linux it is a port of this network namespace. A server in a container with a network of its own is not found.
 *
 * On Linux, a process of which the parent has the socket, too, is left out in its first 5 seconds unless it has called execve(2):
 * it may be about to, and the program that it then runs does not listen.
 *
 * Each can be passed where a target is expected. Its token makes sure that no later process with its pid is meant.
 *
 * @param port From 1 to 65535.
 * @returns Empty if none listens. On macOS, processes of other users are not found.
 * @throws {KillError} `EPERM`: one is a process of another user, which only that user and root may look at.
 * `ERR_IDENTITY_UNAVAILABLE`: one is in another PID namespace, or the kernel itself listens. `ENOSYS`: `/proc` is absent or
 * belongs to another PID namespace.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: `port` is no port.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 * @example
 * for (const server of listeners(3000)) await terminate(server)
 */
export function listeners(port: number): ProcessInfo[] {
  if (typeof port !== 'number') throw wrongType('port', 'a number', port)
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    throw outOfRange('port', `an integer from 1 to ${MAX_PORT}`, port)
  }
  return unwrap(native.listeners(port), process.pid).map(processInfo)
}
