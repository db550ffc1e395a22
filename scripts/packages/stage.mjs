import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { binaryOf } from '../cross/build.mjs'
import { platforms } from '../cross/platforms.mjs'
import { pack } from '../pack.mjs'
import { root, run } from '../run.mjs'

const [MOST_BYTES_MAIN, MOST_BYTES_PLATFORM, MOST_BYTES_TREE_KILL] = [60_000, 350_000, 3_000]

/**
 * Packs all that is published, as it is published: `napi` puts the binaries into their packages, which fails unless all are
 * there, and writes these into the main one's `optionalDependencies`.
 *
 * @returns {Promise<{ main: Packed, platforms: Packed[], treeKill: Packed }>} as `pack()` has each
 */
export async function packAll(folder) {
  const stage = `${join(folder, 'stage')}/`
  mkdirSync(`${stage}artifacts`, { recursive: true })
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  // What checks and tests is not published.
  const { devDependencies: _, scripts: __, ...published } = manifest
  writeFileSync(`${stage}package.json`, JSON.stringify(published))
  for (const name of ['npm', 'lib', 'README.md', 'LICENSE', 'CHANGELOG.md', 'binding.d.ts']) copy(name, stage)
  for (const name of ['index.js', 'index.d.ts', 'tree-kill.js', 'tree-kill.d.ts']) copy(name, stage)
  for (const platform of Object.keys(platforms)) {
    cpSync(binaryOf(platform), `${stage}artifacts/killtarget.${platform}.node`)
  }
  const napi = ['--cwd', stage]
  await run('napi', ['artifacts', ...napi, '--output-dir', 'artifacts'], { log: true })
  await run('napi', ['pre-publish', ...napi, '--no-gh-release', '--skip-optional-publish'], { log: true })

  const main = packed(stage, folder, MOST_BYTES_MAIN)
  const names = Object.keys(platforms).map((platform) => `killtarget-${platform}`)
  assert.deepEqual(Object.keys(main.manifest.optionalDependencies).sort(), names.toSorted(), 'it names all binaries')
  const others = Object.keys(platforms).map((name) => packed(`${stage}npm/${name}/`, folder, MOST_BYTES_PLATFORM))
  for (const { manifest: other, files } of others) {
    assert.equal(other.version, manifest.version, `${other.name} has the version of all`)
    assert.ok(files.includes(other.main), `${other.name} holds its binary`)
  }
  const treeKill = packed(`${root}packages/tree-kill`, folder, MOST_BYTES_TREE_KILL)
  return { main, platforms: others, treeKill }
}

function copy(name, stage) {
  cpSync(`${root}${name}`, `${stage}${name}`, { recursive: true })
}

function packed(source, folder, mostBytes) {
  const result = pack(source, folder)
  const { filename, size } = result
  console.log(`${basename(filename)}: ${size} bytes`)
  assert.ok(size < mostBytes, `${filename} has less than ${mostBytes} bytes`)
  return result
}
