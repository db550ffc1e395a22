/** One failed attempt to load a binary. */
export interface LoadFailure {
  /** The package that has the binary. */
  readonly name: string
  readonly error: Error
}

/** `process.report`. Not every runtime has it, and the types of Node lack these members. */
interface Report {
  excludeNetwork: boolean
  getReport(): { header?: { glibcVersionRuntime?: string } }
}

/**
 * Makes the error for a platform on which no binary could be loaded. Its last line says what to do.
 *
 * @param failures Grouped by package. Within a group, the installed package is last.
 * @param platforms The platforms that have a binary.
 */
export function loadError(platform: string, failures: readonly LoadFailure[], platforms: readonly string[]): Error {
  const isPlatform = failures.length > 0
  const lines = isPlatform
    ? [
        `Cannot load the killtarget binary for ${platform}:`,
        ...failures.map(({ error }) => `- ${firstLine(error.message)}`),
        remedy(failures),
      ]
    : [
        `killtarget has no binary for ${platform}. It has binaries for ${platforms.join(', ')}.`,
        'Use a runtime for one of these platforms, such as a 64-bit Node instead of a 32-bit one.',
      ]
  const cause = isPlatform ? new AggregateError(failures.map(({ error }) => error)) : undefined
  return Object.assign(new Error(lines.join('\n'), { cause }), { code: 'ERR_BINDING_NOT_LOADED' })
}

/** Removes the "Require stack" that Node appends. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]!
}

/** What a failure says if the package is there, and only the way in which the program was started or bundled is wrong. */
const KNOWN: readonly { readonly isCause: (error: NodeJS.ErrnoException) => boolean; readonly remedy: string }[] = [
  {
    isCause: ({ code }) => code === 'ERR_DLOPEN_DISABLED',
    remedy:
      'Node may not load addons. Start it without `--no-addons`, and beside `--permission` pass `--allow-addons`; the ' +
      'binary also needs `--allow-fs-read`.',
  },
  {
    isCause: ({ name, message }) => name === 'NotCapable' || message.includes('--allow-ffi'),
    remedy: 'Deno may not load the binary. Run it with `--allow-ffi` and `--allow-read`.',
  },
]

/** What esbuild, and rollup or Node, say where an ESM bundle has no `require`. */
const NO_REQUIRE = /^Dynamic require of |^Could not dynamically require |\brequire is not defined/

/** Returns whether an attempt failed only because this is an ESM bundle. */
export function hasNoRequire({ error }: LoadFailure): boolean {
  return NO_REQUIRE.test(error.message)
}

function remedy(failures: readonly LoadFailure[]): string {
  const known = KNOWN.find(({ isCause }) => failures.some(({ error }) => isCause(error)))
  if (known !== undefined) return known.remedy
  const isBundle = failures.some(hasNoRequire)
  const suffix = cLibrary()
  const candidates = [...new Map(failures.map(({ name, error }) => [name, error]))].filter(
    ([name]) => suffix === undefined || name.endsWith(suffix),
  )
  const names = candidates.map(([name]) => name).join(' or ')
  const areMissing = candidates.every(([, error]) => isMissing(error))
  if (areMissing && isBundle) {
    return (
      `An ESM bundle does not hold the binary. Install ${names} in a node_modules folder above the bundle, or make a ` +
      'CommonJS bundle with a loader that copies `.node` files.'
    )
  }
  if (areMissing) {
    return (
      `The package ${names} is not installed. It is an optional dependency of killtarget. Install again on this ` +
      'machine with optional dependencies (`npm install` without `--omit=optional`). If the package is still missing, ' +
      'remove node_modules and the lock file and install again: npm may have made them for another platform only. If ' +
      'killtarget was installed from a tarball, install the tarball of this package, too.'
    )
  }
  return (
    `The package ${names} is installed, but does not load for the reason above. If it is damaged or from another ` +
    'machine, remove node_modules and install again on this machine.'
  )
}

/** The second code: the bundle has no path to search from, as in `node:vm`. */
function isMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_INVALID_ARG_VALUE'
}

/** Returns the suffix of the packages for this system's C library. The report is slow: only the error path uses it. */
function cLibrary(): '-gnu' | '-musl' | undefined {
  if (process.platform !== 'linux') return undefined
  const header = reportHeader()
  if (header === undefined) return undefined
  return header.glibcVersionRuntime === undefined ? '-musl' : '-gnu'
}

/** Returns `undefined` where the runtime has no report, or refuses it: Deno does without `--allow-sys`. */
function reportHeader(): ReturnType<Report['getReport']>['header'] {
  try {
    const report = process.report as unknown as Report
    // Otherwise the report resolves the host name of each open connection.
    const { excludeNetwork } = report
    report.excludeNetwork = true
    const { header } = report.getReport()
    report.excludeNetwork = excludeNetwork
    return header
  } catch {
    return undefined
  }
}
