// npm test: all Rust tests, and the AVA suite on this machine's kernel.
//
//   npm test -- __test__/api/signal.spec.ts       only this file
//   npm test -- --match '*zombie*'                only the tests with these titles; all other arguments go to AVA, too
import { buildTests, DEBUG } from './build-tests.mjs'
import { Counts } from './counts.mjs'
import { PORTABLE, WHY } from './portable.mjs'

const args = process.argv.slice(2)
const counts = new Counts()
// The tests of Rust's API start shells and read /proc. On other systems there are those beside the code.
const targets = process.platform === 'linux' ? [] : ['--lib']
const testRust = () => counts.cargo(['cargo', 'test', '--quiet', ...DEBUG, ...targets])
await buildTests(args.length === 0 ? testRust : undefined)
await counts.ava(args)
if (process.platform !== 'linux') counts.skip(`all Rust tests and specs but ${PORTABLE.join(', ')}`, WHY)
counts.finish()
