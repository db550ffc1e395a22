/** To strip it for macOS rustc needs a program that comes with few of its builds. */
const BY_LINKER = { strip: 'none', flags: ['-Clink-arg=-Wl,-x'] }

/**
 * What is built for whom: the platform as its package and binary are called, and the target of Rust's, of which the old
 * glibc that is linked against is a part. `flags` are for rustc.
 *
 * The binaries for Windows are built with LLVM's runtime elsewhere, and with Microsoft's on Windows (`native`): they need the
 * same system libraries either way, and fit the same Node.
 */
export const platforms = {
  'linux-x64-gnu': { target: 'x86_64-unknown-linux-gnu', glibc: '2.17' },
  'linux-arm64-gnu': { target: 'aarch64-unknown-linux-gnu', glibc: '2.17' },
  'linux-x64-musl': { target: 'x86_64-unknown-linux-musl', flags: ['-Ctarget-feature=-crt-static'] },
  'linux-arm64-musl': { target: 'aarch64-unknown-linux-musl', flags: ['-Ctarget-feature=-crt-static'] },
  'darwin-x64': { target: 'x86_64-apple-darwin', ...BY_LINKER },
  'darwin-arm64': { target: 'aarch64-apple-darwin', ...BY_LINKER },
  'win32-x64-msvc': { target: 'x86_64-pc-windows-gnullvm', native: 'x86_64-pc-windows-msvc' },
  'win32-arm64-msvc': { target: 'aarch64-pc-windows-gnullvm', native: 'aarch64-pc-windows-msvc' },
}

/** What cargo calls the library that it makes for a target. */
export function libraryOf(target) {
  if (target.includes('windows')) return 'killtarget_node.dll'
  return target.includes('apple') ? 'libkilltarget_node.dylib' : 'libkilltarget_node.so'
}
