import { readFileSync } from 'node:fs'
import { unwrap } from '../handle.js'
import { native } from '../native.js'

/**
 * Replaces this process by a program, which gets the rest of this process's own arguments as they are: also those that are no
 * UTF-8, which `process.argv` cannot hold. The environment is the one that this process was started with. Node has removed
 * `NODE_CHANNEL_FD` from its own.
 *
 * Nothing may have used `process.stdin`, `process.stdout` or `process.stderr`: Node changes the mode of these files.
 *
 * @param args The path of the program, and its first arguments.
 * @param rest The last arguments of this process, which come after them.
 * @param descriptors Those that the program gets, of those that this process closes when it is replaced.
 */
export function replaceProcess(
  args: readonly string[],
  rest: readonly string[],
  descriptors: readonly number[],
): never {
  const list = Buffer.concat([listOf(args), lastArguments(rest)])
  const environment = ownEnvironment()
  unwrap(native.replaceProcess(list, environment, Int32Array.from(descriptors)), process.pid)
  throw new Error('unreachable')
}

/** Other systems than Linux do not show it as it was at the start. */
function ownEnvironment(): Buffer {
  if (process.platform === 'linux') return readFileSync('/proc/self/environ')
  return listOf(Object.entries(process.env).map(([name, value]) => `${name}=${value}`))
}

/** What the binding takes: each text ends with a null byte. */
function listOf(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(''))
}

/** Returns the last arguments as this process was given them. */
function lastArguments(texts: readonly string[]): Buffer {
  const list = listOf(texts)
  if (process.platform !== 'linux') return list
  const all = readFileSync('/proc/self/cmdline')
  let start = all.length
  for (let count = 0; count < texts.length && start > 1; count++) start = all.lastIndexOf(0, start - 2) + 1
  const last = all.subarray(start)
  // Something may have changed the title of this process.
  return last.toString() === list.toString() ? last : list
}
