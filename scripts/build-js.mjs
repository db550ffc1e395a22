// npm run build:js, after tsc: bundles each entry into one CommonJS file.
import { chmodSync } from 'node:fs'
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

await build({
  absWorkingDir: root,
  entryPoints: { index: 'index.ts', 'tree-kill': 'tree-kill.ts', cli: 'lib/cli.ts' },
  bundle: true,
  outdir: '.',
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  external: ['*.node', 'killtarget-*'],
  plugins: [builtins, besideIndex],
  logLevel: 'warning',
})
// npm does this for what it installs.
chmodSync(`${root}cli.js`, 0o755)
