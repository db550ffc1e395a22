// npm run bench [-- NAME ...]: all benchmarks, or those named.
import { run } from './run.mjs'
import { typescript } from './typescript/flags.mjs'

await run(process.execPath, [...typescript, '--expose-gc', 'benchmark/main.ts', ...process.argv.slice(2)])
