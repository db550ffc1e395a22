import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { prepareBy, root } from '../run.mjs'
import { findRuntimes, installRuntimes } from '../runtimes.mjs'
import { requireModules, requirePackages } from './packages.mjs'

const folder = `${root}target/musl/`
const libraries = `${folder}lib/`

/** Bun needs a newer C++ library than this musl can load. It calls these functions only before it aborts. */
const MISSING = `
void abort(void);
void _ZSt28__throw_bad_array_new_lengthv(void) { abort(); }
void _ZSt21__glibcxx_assert_failPKciS0_S0_(const char *file, int line, const char *function, const char *condition) { abort(); }
`

/** Starts Bun with the libraries for musl. */
const BUN = `#!/bin/sh
export LD_LIBRARY_PATH=${libraries} LD_PRELOAD=${libraries}missing.so
exec ${folder}node_modules/@oven/bun-linux-x64-musl/bin/bun "$@"
`

/** Linux with musl. Bun runs the fixtures that every runtime runs, and the Rust tests run as they are. */
export const musl = {
  folder,
  platform: 'linux-x64-musl',
  specs: ['exited/runtimes', 'api/runtimes', 'terminate/runtimes'],
  why: 'AVA does not run in Bun, and no registry has a Node with musl',
  env: { KILLTARGET_TEST_BUN: `${folder}bun` },
  /** AVA runs in this one, and the tests start Bun. */
  node: () => findRuntimes()['node-22'].path,

  async prepare(tools) {
    await requirePackages('/lib/ld-musl-x86_64.so.1', ['musl'])
    await requireModules(folder, ['@oven/bun-linux-x64-musl@1.4.5'])
    await installRuntimes()
    if (existsSync(`${folder}bun`)) return
    await takeLibraries()
    writeFileSync(`${folder}missing.c`, MISSING)
    const command = ['-m', 'ziglang', 'cc', '-target', 'x86_64-linux-musl', '-shared', '-nostdlib', '-fno-sanitize=all']
    const files = ['-o', `${libraries}missing.so`, `${folder}missing.c`]
    await prepareBy('python3', [...command, ...files], { env: tools })
    writeFileSync(`${folder}bun`, BUN)
    chmodSync(`${folder}bun`, 0o755)
  },
}

/** Takes the C++ library for musl from an old wheel. Newer ones have relocations that this musl cannot load. */
async function takeLibraries() {
  const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check']
  const platform = ['--only-binary', ':all:', '--platform', 'musllinux_1_1_x86_64', '--python-version', '3.11']
  const options = ['--root-user-action=ignore', '--no-deps', '--upgrade', '--target', `${folder}wheel`]
  await prepareBy('python3', [...pip, 'install', ...options, ...platform, 'ujson==5.8.0'])
  mkdirSync(libraries, { recursive: true })
  for (const file of readdirSync(`${folder}wheel/ujson.libs`)) {
    copyFileSync(`${folder}wheel/ujson.libs/${file}`, `${libraries}${file}`)
    if (file.startsWith('libstdc++')) copyFileSync(`${folder}wheel/ujson.libs/${file}`, `${libraries}libstdc++.so.6`)
  }
}
