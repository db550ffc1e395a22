/**
 * rustc cannot strip for macOS without a program that few of its builds include, so the linker does. The linker would name the
 * library after its path on this machine.
 */
const BY_LINKER = {
  strip: 'none',
  flags: ['-Clink-arg=-Wl,-x'],
  ofLibrary: ['-Clink-arg=-Wl,-install_name,@rpath/killtarget.node'],
}

/** rustc's flags for a program that holds musl. The linker has one, so rustc's own copy is left out. */
export const STATIC = ['-Ctarget-feature=+crt-static', '-Clink-self-contained=no']

/**
 * The platforms, by the names of their packages: Rust's target, the glibc to link against, and flags for rustc: for
 * all (`flags`), or for the library only (`ofLibrary`).
 *
 * On Windows the binaries for Windows are built with Microsoft's runtime (`native`), elsewhere with LLVM's. Both need the same
 * system libraries and load in the same Node.
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

/** The file name that cargo gives the library for a target. */
export function libraryOf(target) {
  if (target.includes('windows')) return 'killtarget_node.dll'
  return target.includes('apple') ? 'libkilltarget_node.dylib' : 'libkilltarget_node.so'
}
