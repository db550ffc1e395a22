import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const OPTIONS = { loader: 'ts', target: 'node20.19', sourcemap: 'inline', sourcesContent: false }

/** Most programs of the tests are started very often, and the compiler takes longer to start than they run. */
const CACHE = new URL('../../target/typescript/', import.meta.url)

const require = createRequire(import.meta.url)
const compiler = readFileSync(require.resolve('esbuild/package.json'))

/** Loads each TypeScript file as an ES module, whatever `type` the manifest says. */
export function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  return { format: 'module', shortCircuit: true, source: compiled(fileURLToPath(url)) }
}

function compiled(file) {
  const source = readFileSync(file)
  const key = createHash('sha256')
    .update(compiler)
    .update(JSON.stringify([OPTIONS, file]))
    .update(source)
    .digest('hex')
  const place = new URL(`${key}.js`, CACHE)
  try {
    return readFileSync(place, 'utf8')
  } catch {
    const code = compile(file, source)
    keep(place, code)
    return code
  }
}

function compile(sourcefile, source) {
  // By default esbuild keeps a thread and a child process. Tests count threads and children, so it must not.
  process.env.ESBUILD_WORKER_THREADS = '0'
  return require('esbuild').transformSync(source, { ...OPTIONS, sourcefile }).code
}

/** Other processes find the whole file, or none. Some may not write, as they run as another user. */
function keep(place, code) {
  // Pids differ only in one namespace.
  const unfinished = new URL(`${place.href}.${randomUUID()}`)
  try {
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(unfinished, code)
    renameSync(unfinished, place)
  } catch {}
}
