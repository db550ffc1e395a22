import type { ChildProcess, SpawnOptions } from 'node:child_process'

export type Start = (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess

/** Returns what a caller sees of a child, from the start to the end. The answer of `use`, called after the start, counts if it is a boolean. */
export async function observed(
  begin: Start,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  use?: (child: ChildProcess) => unknown,
): Promise<unknown> {
  let child: ChildProcess
  try {
    child = begin(command, args, options)
  } catch (error) {
    return { thrown: plain(error) }
  }
  const events: unknown[] = []
  for (const name of ['spawn', 'error', 'exit', 'close']) {
    child.on(name, (...values: unknown[]) => events.push([name, ...values.map(plain)]))
  }
  // The end of the channel and the exit are told in either order.
  let disconnects = 0
  child.on('disconnect', () => disconnects++)
  let output = ''
  for (const stream of child.stdio) {
    if (stream && 'setEncoding' in stream) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const closed = new Promise((resolve) => child.once('close', resolve))
  const answer = use?.(child)
  const used = typeof answer === 'boolean' ? answer : undefined
  await closed
  // An event after the last one would be seen, too.
  await new Promise((resolve) => setImmediate(resolve))
  const { spawnfile, spawnargs, killed, exitCode, signalCode, connected } = child
  return {
    pid: typeof child.pid,
    spawnfile,
    spawnargs,
    killed,
    exitCode,
    signalCode,
    connected,
    used,
    output,
    events,
    disconnects,
  }
}

/** The members of an error that Node documents. */
function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const { name, message, code, errno, path, syscall, spawnargs, cause } = value as NodeJS.ErrnoException & {
    spawnargs?: unknown
  }
  return { name, message, code, errno, path, syscall, spawnargs, cause: cause instanceof Error && cause.name }
}
