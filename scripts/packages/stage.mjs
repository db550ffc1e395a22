import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { binaryOf } from '../cross/build.mjs'
import { guardNameOf, guardOf } from '../cross/guard.mjs'
import { platforms } from '../cross/platforms.mjs'
import { fail, prepareBy, root } from '../run.mjs'
import { placeGuards } from './guards.mjs'
import { pack } from './pack.mjs'

const folder = `${root}target/packages/`
const stage = `${folder}stage/`

/**
 * Packs all that is published, as the release workflow does it: `napi` puts the binaries into their packages, fails unless
 * all are there, and writes these packages into the main one's `optionalDependencies`. Writes a list for the specs.
 */
export async function packAll() {
  const names = Object.keys(platforms)
  const isBuilt = (platform) => existsSync(binaryOf(platform)) && existsSync(guardOf(platform))
  const missing = names.filter((platform) => !isBuilt(platform))
  if (missing.length > 0) fail(`There is no binary or no guard for ${missing.join(', ')}: run \`npm run cross\`.`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(`${stage}artifacts`, { recursive: true })
  // Scripts and dev dependencies are of no use to users.
  const { devDependencies: _, scripts: __, ...manifest } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  writeFileSync(`${stage}package.json`, JSON.stringify(manifest))
  for (const name of ['npm', 'README.md', 'LICENSE', 'CHANGELOG.md']) copy(name)
  for (const name of ['index.js', 'index.d.ts', 'main.js', 'tree-kill.js', 'tree-kill.d.ts', 'cli.js']) copy(name)
  for (const platform of names) {
    cpSync(binaryOf(platform), `${stage}artifacts/killtarget.${platform}.node`)
    cpSync(guardOf(platform), `${stage}artifacts/${guardNameOf(platform)}`)
  }
  await prepareBy('napi', ['artifacts', '--cwd', stage, '--output-dir', 'artifacts'])
  placeGuards(`${stage}artifacts`, `${stage}npm`)
  await prepareBy('napi', ['pre-publish', '--cwd', stage, '--no-gh-release', '--skip-optional-publish'])

  const published = {
    main: pack(stage, folder),
    platforms: names.map((platform) => pack(`${stage}npm/${platform}`, folder)),
    treeKill: pack(`${root}packages/tree-kill`, folder),
  }
  writeFileSync(`${folder}published.json`, JSON.stringify(published, null, 2))
}

function copy(name) {
  cpSync(`${root}${name}`, `${stage}${name}`, { recursive: true })
}
