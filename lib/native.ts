import type * as Binding from '../binding.js'
import { loadError, type LoadFailure } from './load-error.js'

/** What became of one place. The error may be one of another realm: of Jest's, say, which runs tests in one of their own. */
type Loaded = { binding: typeof Binding } | { error: unknown }

// For each platform its packages, and for each of these where it is looked for: beside index.js, which this becomes part of,
// where a build from source is; then where npm has installed it. Bundlers find a binary by its literal `require` only, so
// there is one for each; and they let one be missing only where it stands in a `try` of its own. No detection: what does not
// fit does not load.
// prettier-ignore
const builds: Record<string, Record<string, readonly (() => Loaded)[]>> = {
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

/** Loads the compiled part for this platform, or says for each place it looked why there was none to load. */
function load(): typeof Binding {
  const platform = `${process.platform}-${process.arch}`
  const failures: LoadFailure[] = []
  for (const [name, places] of Object.entries(builds[platform] ?? {})) {
    for (const place of places) {
      const loaded = place()
      if ('binding' in loaded) return loaded.binding
      failures.push({ name, error: loaded.error as Error })
    }
  }
  throw loadError(platform, failures, Object.keys(builds))
}

export const native = load()
