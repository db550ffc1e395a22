const { platform, arch } = process

/** The platform of this machine, as the package with its binary names it. */
export const here = platform === 'win32' ? `win32-${arch}-msvc` : platform === 'darwin' ? `darwin-${arch}` : linux()

/** A platform of the same system with another processor. Its binary does not load here. */
export const otherProcessor = here.replace(/x64|arm64/, (name) => (name === 'x64' ? 'arm64' : 'x64'))

/** A platform of another system. */
export const foreign = here === 'darwin-arm64' ? 'linux-x64-musl' : 'darwin-arm64'

function linux(): string {
  const { header } = process.report.getReport() as unknown as { header: Record<string, unknown> }
  return `linux-${arch}-${header['glibcVersionRuntime'] === undefined ? 'musl' : 'gnu'}`
}
