import { createRequire } from 'node:module'

/**
 * Requires a package from where this file lies, for an ESM bundle: it has no `require`, and its `import.meta.url` is a syntax
 * error in CommonJS. So a frame of the stack tells where the bundle is.
 */
export function requireBesideBundle(name: string): unknown {
  return createRequire(fileOfThis())(name)
}

/** Reads the frames, not their text: `--enable-source-maps` puts the names of the sources into the text. */
function fileOfThis(): string {
  const { prepareStackTrace, stackTraceLimit } = Error
  const places: { stack?: readonly NodeJS.CallSite[] } = {}
  try {
    Error.prepareStackTrace = (_, sites) => sites
    Error.stackTraceLimit = 1
    Error.captureStackTrace(places)
    return places.stack?.[0]?.getFileName() ?? ''
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit })
  }
}
