import { KillError } from './errors.js'
import { native } from './native.js'

/** How many bytes the first line of the file has: where the list is, and its length. */
export const HEADER = 32

/**
 * The program that terminates the processes of a list, once this one has exited. It runs in the same runtime. This package may
 * be in a bundle, so it needs the binary only. `Infinity` is no JSON. The header is not written yet if the host was killed while
 * it wrote the first list of an empty file.
 */
const PROGRAM = `
const [fs, { createRequire }] = ['node:fs', 'node:module'].map((name) => process.getBuiltinModule(name))
const read = (offset, length) => {
  const bytes = new Uint8Array(length)
  for (let at = 0, count; at < length; at += count) {
    count = fs.readSync(0, bytes, at, length - at, offset + at)
    if (count === 0) process.exit(1)
  }
  return new TextDecoder().decode(bytes)
}
const [offset, length] = read(0, ${HEADER}).split(' ').map(Number)
if (!(length > 0)) process.exit(0)
const list = JSON.parse(read(offset, length), (_, value) => (value === 'Infinity' ? Infinity : value))
const native = createRequire(process.execPath)(list.library)
const open = (token) => native.openToken(token)
const isOpen = (handle) => typeof handle === 'number'
const running = new Set()
const queue = native.openQueue((number) => running.delete(number) && running.size === 0 && process.exit(0))
list.targets.forEach(({ token, request, except }, index) => {
  const handle = open(token)
  if (!isOpen(handle)) return
  const failure = native.terminate(queue, handle, index + 1, { ...request, except: except.map(open).filter(isOpen) })
  if (failure == null) running.add(index + 1)
})
if (running.size === 0) process.exit(0)
native.holdOpen(queue, true)
`

/** Variables that would change what the runtime does. */
const OF_THE_RUNTIME = /^(?:NODE_|BUN_OPTIONS$|DENO_|VSCODE_INSPECTOR_OPTIONS$)/

/** How to start the program. */
export interface Finisher {
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The binary that it loads. */
  readonly library: string
}

/**
 * Returns how to start the program.
 *
 * @throws `ENOSYS` if this process is no runtime that can run it: a single executable, which would start itself.
 */
export function finisher(): Finisher {
  const library = native.library()
  if (library === null || isSingleExecutable()) {
    const message =
      'Nothing could end the process once a single executable has crashed. Start it by spawn() of this package instead.'
    throw new KillError({ code: 'ENOSYS', message, pid: process.pid })
  }
  const { deno, electron } = process.versions as Record<string, string | undefined>
  const command = [process.execPath, ...(deno === undefined ? ['-e'] : ['eval', '--quiet']), PROGRAM]
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_THE_RUNTIME.test(name)))
  return { command, env: electron === undefined ? env : { ...env, ELECTRON_RUN_AS_NODE: '1' }, library }
}

/** What runtimes say of a program that was compiled with them. */
interface Runtimes {
  readonly Deno?: { build: { standalone?: boolean } }
  readonly Bun?: { main: string }
}

function isSingleExecutable(): boolean {
  const { Deno, Bun } = globalThis as Runtimes
  if (Deno !== undefined) return Deno.build.standalone === true
  if (Bun !== undefined) return /^(?:\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/.test(Bun.main)
  // Node 20.12 and later have the module.
  return process.getBuiltinModule?.('node:sea')?.isSea() === true
}
