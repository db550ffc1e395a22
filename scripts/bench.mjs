// npm run bench [-- NAME ...]: all benchmarks, or those named.
import { prepare } from './prepare.mjs'
import { run } from './run.mjs'
import { typescript } from './typescript/flags.mjs'

await prepare()
await run(process.execPath, [...typescript, '--expose-gc', 'benchmark/main.ts', ...process.argv.slice(2)])
