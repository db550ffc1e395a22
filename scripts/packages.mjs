// npm run packages [-- FILE...]: packs all that is published, with the binaries of `npm run cross`, and tests the packages:
// each package manager installs them, each kind of program loads them.
import { Counts } from './counts.mjs'
import { packAll } from './packages/stage.mjs'
import { installTools } from './packages/tools.mjs'
import { installRuntimes } from './runtimes.mjs'

await installTools()
await installRuntimes()
await packAll()
const counts = new Counts()
await counts.ava(['--config', 'ava.package.config.mjs', ...process.argv.slice(2)])
counts.finish()
