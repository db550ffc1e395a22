import type * as Binding from '../binding.js'

/** What became of one place. The error may be one of another realm: of Jest's, say, which runs tests in one of their own. */
type Loaded = { binding: typeof Binding } | { error: unknown }

// Bundlers find a binary by its literal `require` only, so there is one for each; and they let one be missing only where
// it stands in a `try` of its own. The file beside index.js, which this becomes part of, is a build from source; the
// packages are what npm installs. No detection: what does not fit does not load.
// prettier-ignore
const candidates: Record<string, readonly (() => Loaded)[]> = {
  'linux-x64': [
    () => { try { return { binding: require('./killtarget.linux-x64-gnu.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-linux-x64-gnu') } } catch (error) { return { error } } },
    () => { try { return { binding: require('./killtarget.linux-x64-musl.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-linux-x64-musl') } } catch (error) { return { error } } },
  ],
  'linux-arm64': [
    () => { try { return { binding: require('./killtarget.linux-arm64-gnu.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-linux-arm64-gnu') } } catch (error) { return { error } } },
    () => { try { return { binding: require('./killtarget.linux-arm64-musl.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-linux-arm64-musl') } } catch (error) { return { error } } },
  ],
  'darwin-x64': [
    () => { try { return { binding: require('./killtarget.darwin-x64.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-darwin-x64') } } catch (error) { return { error } } },
  ],
  'darwin-arm64': [
    () => { try { return { binding: require('./killtarget.darwin-arm64.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-darwin-arm64') } } catch (error) { return { error } } },
  ],
  'win32-x64': [
    () => { try { return { binding: require('./killtarget.win32-x64-msvc.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-win32-x64-msvc') } } catch (error) { return { error } } },
  ],
  'win32-arm64': [
    () => { try { return { binding: require('./killtarget.win32-arm64-msvc.node') } } catch (error) { return { error } } },
    () => { try { return { binding: require('killtarget-win32-arm64-msvc') } } catch (error) { return { error } } },
  ],
}

/** Loads the compiled part for this platform, or says for each place it looked why there was none to load. */
function load(): typeof Binding {
  const platform = `${process.platform}-${process.arch}`
  const failures: Error[] = []
  for (const candidate of candidates[platform] ?? []) {
    const loaded = candidate()
    if ('binding' in loaded) return loaded.binding
    failures.push(loaded.error as Error)
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
