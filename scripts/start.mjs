// npm start: shows the main job on real processes. `npm start -- --json` is for programs.
import { run } from './run.mjs'
import { typescript } from './typescript/flags.mjs'

await run(process.execPath, [...typescript, 'demo/main.ts', ...process.argv.slice(2)])
