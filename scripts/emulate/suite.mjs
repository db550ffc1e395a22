import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { guardFileOf } from '../cross/guard.mjs'
import { root } from '../run.mjs'

const CONFIG = {
  files: ['__test__/**/*.spec.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--expose-gc', '--no-warnings'],
  workerThreads: false,
  timeout: '10m',
}

/**
 * Copies the tests as JavaScript, because esbuild is not installed for every platform. The copy finds the package and its
 * binary in `node_modules`, as users do.
 */
export async function copySuite(folder, platform, binary, guard) {
  const { transformSync } = await import('esbuild')
  const installed = `${folder}node_modules/killtarget/`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(installed, { recursive: true })
  for (const place of [installed, folder]) {
    for (const file of ['index.js', 'main.js', 'tree-kill.js', 'cli.js', 'package.json'])
      cpSync(`${root}${file}`, `${place}${file}`)
    cpSync(binary, `${place}killtarget.${platform}.node`)
    cpSync(guard, `${place}${guardFileOf(platform)}`)
  }
  for (const part of ['__test__', 'npm', 'scripts']) cpSync(`${root}${part}`, `${folder}${part}`, { recursive: true })
  for (const file of readdirSync(`${folder}__test__`, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const path = `${folder}__test__/${file}`
    writeFileSync(path, transformSync(readFileSync(path, 'utf8'), { loader: 'ts', target: 'node22' }).code)
  }
  writeFileSync(`${folder}scripts/typescript/register.mjs`, '')
  writeFileSync(`${folder}__test__/package.json`, JSON.stringify({ type: 'module' }))
  writeFileSync(`${folder}ava.config.mjs`, `export default ${JSON.stringify(CONFIG)}\n`)
}
