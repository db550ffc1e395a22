import type * as Binding from '../binding.js'

// Bundlers find a binary by its literal `require` only, so there is one for each. The file beside index.js, which this
// becomes part of, is a build from source; the packages are what npm installs. No detection: what does not fit does not
// load.
const candidates: Record<string, readonly (() => unknown)[]> = {
  'linux-x64': [
    () => require('./killtarget.linux-x64-gnu.node'),
    () => require('killtarget-linux-x64-gnu'),
    () => require('./killtarget.linux-x64-musl.node'),
    () => require('killtarget-linux-x64-musl'),
  ],
  'linux-arm64': [
    () => require('./killtarget.linux-arm64-gnu.node'),
    () => require('killtarget-linux-arm64-gnu'),
    () => require('./killtarget.linux-arm64-musl.node'),
    () => require('killtarget-linux-arm64-musl'),
  ],
  'darwin-x64': [() => require('./killtarget.darwin-x64.node'), () => require('killtarget-darwin-x64')],
  'darwin-arm64': [() => require('./killtarget.darwin-arm64.node'), () => require('killtarget-darwin-arm64')],
  'win32-x64': [() => require('./killtarget.win32-x64-msvc.node'), () => require('killtarget-win32-x64-msvc')],
  'win32-arm64': [() => require('./killtarget.win32-arm64-msvc.node'), () => require('killtarget-win32-arm64-msvc')],
}

/** Loads the compiled part for this platform, or says for each place it looked why there was none to load. */
function load(): typeof Binding {
  const platform = `${process.platform}-${process.arch}`
  const failures: Error[] = []
  for (const candidate of candidates[platform] ?? []) {
    try {
      return candidate() as typeof Binding
    } catch (error) {
      failures.push(error as Error)
    }
  }
  throw notLoaded(platform, failures)
}

function notLoaded(platform: string, failures: readonly Error[]): Error {
  const message =
    failures.length === 0
      ? `killtarget has no build for ${platform}; there are builds for ${Object.keys(candidates).join(', ')}`
      : `killtarget could not load its build for ${platform}:\n${failures.map((failure) => `- ${firstLine(failure.message)}`).join('\n')}`
  const cause = failures.length === 0 ? undefined : new AggregateError(failures)
  return Object.assign(new Error(message, { cause }), { code: 'ERR_BINDING_NOT_LOADED' })
}

/** Without the "Require stack" that Node appends. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]!
}

export const native = load()
