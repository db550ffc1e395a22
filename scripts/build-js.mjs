// npm run build:js, after tsc: bundles each entry into one CommonJS file. `index.js` only passes on what `main.js` exports.
import { chmodSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { root } from './run.mjs'

/**
 * Takes Node's modules from `process`. An ESM bundle of esbuild has no `require` for them, and a CommonJS file cannot import
 * them. Each is loaded where it is first required.
 */
const builtins = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }))
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
    }))
  },
}

/** The command requires what is installed beside it, in place of a second copy. */
const besideIndex = {
  name: 'index',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/\.\.\/index\.js$/ }, () => ({ path: './index.js', external: true }))
  },
}

const options = {
  absWorkingDir: root,
  bundle: true,
  outdir: '.',
  platform: 'node',
  target: 'node20.19',
  external: ['*.node', 'killtarget-*'],
  plugins: [builtins, besideIndex],
  logLevel: 'warning',
}
const entryPoints = { main: 'index.ts', 'tree-kill': 'tree-kill.ts', cli: 'lib/cli.ts' }
await build({ ...options, entryPoints, format: 'cjs' })
// npm does this for what it installs.
chmodSync(`${root}cli.js`, 0o755)

// For an ES module that imports a CommonJS file, Node reads it letter by letter for the names of its exports, before it runs it.
// For a file of that size this takes longer than to load the package. So `index.js` has the names, in a line that never runs.
const { metafile } = await build({
  ...options,
  entryPoints: { main: 'index.ts' },
  format: 'esm',
  metafile: true,
  write: false,
  logLevel: 'error',
})
const { exports } = metafile.outputs['main.js']
writeFileSync(
  `${root}index.js`,
  `"use strict";
const main = require("./main.js");
module.exports = main;
0 && (module.exports = { ${exports.join(', ')} });
`,
)
