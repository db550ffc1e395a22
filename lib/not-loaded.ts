/** Why a build was not loaded from one place, and the package that has it. */
export interface Failure {
  readonly name: string
  readonly error: Error
}

/** `process.report`, which not every runtime has, and whose types know nothing of this. */
interface Report {
  excludeNetwork: boolean
  getReport(): { header?: { glibcVersionRuntime?: string } }
}

/**
 * Why nothing could be loaded, and what to do.
 *
 * @param failures of each package's places in a row, the package itself last
 * @param platforms those that there are builds for
 */
export function notLoaded(platform: string, failures: readonly Failure[], platforms: readonly string[]): Error {
  const isPlatform = failures.length > 0
  const lines = isPlatform
    ? [
        `killtarget could not load its build for ${platform}:`,
        ...failures.map(({ error }) => `- ${firstLine(error.message)}`),
        remedy(failures),
      ]
    : [
        `killtarget has no build for ${platform}; there are builds for ${platforms.join(', ')}`,
        'There is no package to install for it. It takes a runtime for one of these, which the machine may have: a ' +
          '64-bit Node, say, in place of a 32-bit one.',
      ]
  const cause = isPlatform ? new AggregateError(failures.map(({ error }) => error)) : undefined
  return Object.assign(new Error(lines.join('\n'), { cause }), { code: 'ERR_BINDING_NOT_LOADED' })
}

/** Without the "Require stack" that Node appends. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]!
}

function remedy(failures: readonly Failure[]): string {
  const suffix = cLibrary()
  const fitting = [...new Map(failures.map(({ name, error }) => [name, error]))].filter(
    ([name]) => suffix === undefined || name.endsWith(suffix),
  )
  const names = fitting.map(([name]) => name).join(' or ')
  if (fitting.every(([, error]) => (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND')) {
    return (
      `The package ${names} is not installed. It is an optional dependency of killtarget: install again on this ` +
      'machine, without leaving those out (`npm install`, no `--omit=optional`). If that does not bring it, remove ' +
      'node_modules and the lock file, and install once more: npm may have made them for another platform only.'
    )
  }
  return (
    `The package ${names} is installed, and does not load for the reason above. If it is damaged or from another ` +
    'machine, remove node_modules and install again on this one.'
  )
}

/** Which C library this Linux has, as the packages are named after it. Nothing else takes the time to ask for it. */
function cLibrary(): '-gnu' | '-musl' | undefined {
  const report = process.report as unknown as Report | undefined
  if (process.platform !== 'linux' || report === undefined) return undefined
  // Or else it asks for the names of all to whom there are connections.
  const { excludeNetwork } = report
  report.excludeNetwork = true
  const { header } = report.getReport()
  report.excludeNetwork = excludeNetwork
  if (header === undefined) return undefined
  return header.glibcVersionRuntime === undefined ? '-musl' : '-gnu'
}
