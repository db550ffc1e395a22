import { EventEmitter } from 'node:events'

/**
 * The key of what all loads of the package in this thread share: copies of the file, hot reloads, Jest's module registries,
 * contexts of `vm`. The number is the version of its form.
 */
const KEY = Symbol.for('killtarget.shared.1')

type Shared = Map<string, unknown>

/** Returns what all loads of the package share under a name. The first one makes it. */
export function shared<T extends object>(name: string, make: () => T): T {
  const all = everything()
  if (!all.has(name)) all.set(name, make())
  return all.get(name) as T
}

/** It hangs on a class of the runtime. The global object is another one in each context, and Jest copies `process`. */
function everything(): Shared {
  const { value } = Object.getOwnPropertyDescriptor(EventEmitter, KEY) ?? { value: undefined }
  if (value !== undefined) return value as Shared
  const made: Shared = new Map()
  Object.defineProperty(EventEmitter, KEY, Object.assign(Object.create(null), { value: made }))
  return made
}
