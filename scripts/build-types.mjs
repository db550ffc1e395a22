// npm run build:js, after tsc: makes one file of the declarations that users see.
import { copyFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { root } from './run.mjs'

const built = `${root}target/types/`

// tsc copies no declarations.
copyFileSync(`${root}binding.d.ts`, `${built}binding.d.ts`)
const bundle = await rolldown({
  cwd: built,
  input: 'index.d.ts',
  external: /^node:/,
  plugins: [dts({ dtsInput: true, emitDtsOnly: true })],
  // They name the files that tsc has written.
  experimental: { attachDebugInfo: 'none' },
})
// `Disposable` is not in the libraries that most projects name. A bundle has no such line of its own.
// Without the types of Node, what the first line of a bundle imports is `any` to a user.
const banner = '/// <reference lib="esnext.disposable" preserve="true" />\n/** @ts-ignore -- these are Node\'s */'
await bundle.write({ file: `${root}index.d.ts`, format: 'es', banner })
await bundle.close()
// This one is a file already, with an `export =` that a bundle cannot have.
copyFileSync(`${built}tree-kill.d.ts`, `${root}tree-kill.d.ts`)
