import type * as Binding from '../binding.js'
import { requireBesideBundle } from './bundled.js'
import { hasNoRequire, loadError, type LoadFailure } from './load-error.js'
import { shared } from './shared.js'

/** The result of one attempt. The error may come from another realm, such as the one in which Jest runs tests. */
type Attempt = { binding: typeof Binding } | { error: unknown }

// The packages for each platform, and two attempts for each package: the file beside main.js, where a build from source puts
// it, then the package that npm installs.
//
// Bundlers find a binary by a literal `require` only, and tolerate a missing one only in a `try` of its own. So each attempt
// is written out. The C library is not detected: the binary for the other one fails to load.
// prettier-ignore
const binaries: Record<string, Record<string, readonly (() => Attempt)[]>> = {
  'linux-x64': {
    'killtarget-linux-x64-gnu': [
      () => { try { return { binding: require('./killtarget.linux-x64-gnu.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-linux-x64-gnu') } } catch (error) { return { error } } },
    ],
    'killtarget-linux-x64-musl': [
      () => { try { return { binding: require('./killtarget.linux-x64-musl.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-linux-x64-musl') } } catch (error) { return { error } } },
    ],
  },
  'linux-arm64': {
    'killtarget-linux-arm64-gnu': [
      () => { try { return { binding: require('./killtarget.linux-arm64-gnu.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-linux-arm64-gnu') } } catch (error) { return { error } } },
    ],
    'killtarget-linux-arm64-musl': [
      () => { try { return { binding: require('./killtarget.linux-arm64-musl.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-linux-arm64-musl') } } catch (error) { return { error } } },
    ],
  },
  'darwin-x64': {
    'killtarget-darwin-x64': [
      () => { try { return { binding: require('./killtarget.darwin-x64.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-darwin-x64') } } catch (error) { return { error } } },
    ],
  },
  'darwin-arm64': {
    'killtarget-darwin-arm64': [
      () => { try { return { binding: require('./killtarget.darwin-arm64.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-darwin-arm64') } } catch (error) { return { error } } },
    ],
  },
  'win32-x64': {
    'killtarget-win32-x64-msvc': [
      () => { try { return { binding: require('./killtarget.win32-x64-msvc.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-win32-x64-msvc') } } catch (error) { return { error } } },
    ],
  },
  'win32-arm64': {
    'killtarget-win32-arm64-msvc': [
      () => { try { return { binding: require('./killtarget.win32-arm64-msvc.node') } } catch (error) { return { error } } },
      () => { try { return { binding: require('killtarget-win32-arm64-msvc') } } catch (error) { return { error } } },
    ],
  },
}

function isLoaded(result: Attempt): result is { binding: typeof Binding } {
  return Object.hasOwn(result, 'binding')
}

/** An attempt for a bundle without `require`. */
function besideBundle(name: string): Attempt {
  try {
    return { binding: requireBesideBundle(name) as typeof Binding }
  } catch (error) {
    return { error }
  }
}

/** Loads the binary for this platform. Throws one error with the failure of each attempt. */
function load(): typeof Binding {
  const platform = `${process.platform}-${process.arch}`
  const failures: LoadFailure[] = []
  for (const [name, attempts] of Object.entries(binaries[platform] ?? {})) {
    for (const attempt of attempts) {
      const result = attempt()
      if (isLoaded(result)) return result.binding
      failures.push({ name, error: result.error as Error })
    }
    if (!hasNoRequire(failures.at(-1)!)) continue
    const result = besideBundle(name)
    if (isLoaded(result)) return result.binding
    failures.push({ name, error: result.error as Error })
  }
  throw loadError(platform, failures, Object.keys(binaries))
}

/** A binary, and what all loads of the package that use it share, by name. */
interface SharedBinding {
  readonly binding: typeof Binding
  readonly states: Map<string, unknown>
}

/**
 * Returns the functions that the first load of the package in this thread got from this binary. Each load gets others, which
 * would keep what is opened through them.
 */
function shareBinding(loaded: typeof Binding): SharedBinding {
  const bindings = shared('bindings', () => new Map<number, SharedBinding>())
  const library = loaded.libraryId()
  const known = bindings.get(library) ?? { binding: loaded, states: new Map() }
  bindings.set(library, known)
  return known
}

const { binding, states } = shareBinding(load())

export const native = binding

/** Returns what all loads of the package that use this binary share under a name. The first one makes it. */
export function sharedState<T extends object>(name: string, make: () => T): T {
  if (!states.has(name)) states.set(name, make())
  return states.get(name) as T
}
