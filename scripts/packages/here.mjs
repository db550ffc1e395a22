/** The platform of this machine, as its package is called. */
export function here() {
  const { platform: os, arch } = process
  if (os === 'win32') return `win32-${arch}-msvc`
  if (os === 'darwin') return `darwin-${arch}`
  return `linux-${arch}-${process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`
}

/** Another machine's, of the same system. */
export function other() {
  return here().replace(/x64|arm64/, (architecture) => (architecture === 'x64' ? 'arm64' : 'x64'))
}
