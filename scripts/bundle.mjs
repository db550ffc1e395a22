import { build } from 'esbuild'
import { root } from './run.mjs'

/**
 * All of TypeScript in one file: Node spends longer on finding ten modules than on running them. What is loaded by a
 * literal `require` (the binaries) stays one, for the bundlers of those who use the package.
 */
export async function bundle() {
  await build({
    absWorkingDir: root,
    entryPoints: ['index.ts', 'tree-kill.ts'],
    outdir: '.',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    external: ['*.node', 'killtarget-*'],
    logLevel: 'warning',
  })
}
