import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// By default esbuild keeps a thread and a child process. Tests count threads and children, so it must not.
process.env.ESBUILD_WORKER_THREADS = '0'
const { transformSync } = await import('esbuild')

/** Loads each TypeScript file as an ES module, whatever `type` the manifest says. */
export function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const sourcefile = fileURLToPath(url)
  const options = { loader: 'ts', target: 'node20.19', sourcefile, sourcemap: 'inline', sourcesContent: false }
  return { format: 'module', shortCircuit: true, source: transformSync(readFileSync(sourcefile), options).code }
}
