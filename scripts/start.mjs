// npm start: install, build, show the main job on real processes. `npm start -- --json` is for programs.
import { prepare } from './prepare.mjs'
import { run } from './run.mjs'
import { typescript } from './typescript/flags.mjs'

await prepare()
await run(process.execPath, [...typescript, 'demo/main.ts', ...process.argv.slice(2)])
