// npm run build, npm run build:debug: builds the binary and its types, and the program for contained launch.
import { readdirSync, renameSync } from 'node:fs'
import { buildGuard } from './build-guard.mjs'
import { INLINE_SHORT } from './inlining.mjs'
import { remapFlags } from './remap-paths.mjs'
import { prepareBy, root } from './run.mjs'

const isDebug = process.argv.includes('--debug')
const profile = isDebug ? [] : ['--release']
const built = 'target/binding'

const options = ['--platform', '--no-js', '--dts', 'binding.d.ts', '--output-dir', built]
// The flags name the folders of the crates, which are there after this.
await prepareBy('cargo', ['fetch', '--locked', '--quiet'])
// A debug build shares its target folder with plain cargo, which would compile all of it again for other flags.
const flags = [process.env.RUSTFLAGS, ...(isDebug ? [] : [...remapFlags(), ...linkFlags(), INLINE_SHORT])]
  .filter(Boolean)
  .join(' ')
await Promise.all([prepareBy('napi', ['build', ...profile, ...options], { env: { RUSTFLAGS: flags } }), buildGuard()])
// napi would write over a binary that another test run may have loaded. A rename leaves that one as it is.
for (const file of readdirSync(`${root}${built}`)) renameSync(`${root}${built}/${file}`, `${root}${file}`)

/** Has the linker keep one of several functions with the same code, where it is LLVM's: 7 KB less. */
function linkFlags() {
  const { glibcVersionRuntime } = process.report.getReport().header
  const isDefault = process.env.RUSTFLAGS === undefined && process.env.CARGO_BUILD_TARGET === undefined
  return isDefault && process.arch === 'x64' && glibcVersionRuntime !== undefined ? ['-Clink-arg=-Wl,--icf=all'] : []
}
