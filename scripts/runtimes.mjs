import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { root, run } from './run.mjs'

/** The other runtimes that the package is tested under, from npm: the version and the program in the package. */
const RUNTIMES = {
  bun: { package: '@oven/bun-linux-x64', version: '1.4.5', program: 'bin/bun' },
  deno: { package: '@deno/linux-x64-glibc', version: '2.9.6', program: 'deno' },
}

const folder = `${root}target/runtimes/node_modules/`

/** Why they can't run here. `undefined`: they can. */
export const unsupported =
  process.platform === 'linux' && process.arch === 'x64' && process.report.getReport().header.glibcVersionRuntime
    ? undefined
    : 'it takes x64 Linux with glibc'
