// npm run build, npm run build:debug: builds the binary and its types.
import { readdirSync, renameSync } from 'node:fs'
import { prepareBy, root } from './run.mjs'

const profile = process.argv.includes('--debug') ? [] : ['--release']
const built = 'target/binding'

const options = ['--platform', '--no-js', '--dts', 'binding.d.ts', '--output-dir', built]
await prepareBy('napi', ['build', ...profile, ...options])
// napi would write over a binary that another test run may have loaded. A rename leaves that one as it is.
for (const file of readdirSync(`${root}${built}`)) renameSync(`${root}${built}/${file}`, `${root}${file}`)
