// node scripts/version.mjs [TAG]: that all that is published has one version, and that the tag is that.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The one version of everything. */
export function checkVersions(tag) {
  const { version } = manifest('.')
  for (const folder of readdirSync(`${root}npm`)
    .map((name) => `npm/${name}`)
    .concat('packages/tree-kill')) {
    assert.equal(manifest(folder).version, version, `${folder} has the version of all`)
  }
  assert.equal(manifest('packages/tree-kill').dependencies.killtarget, version, 'killtarget-tree-kill asks for that')
  const [, crate] = /^version = "(.*)"$/m.exec(readFileSync(`${root}Cargo.toml`, 'utf8'))
  assert.equal(crate, version, 'the crate has the version of all')
  if (tag !== undefined) assert.equal(tag, `v${version}`, 'the tag is the version')
}

function manifest(folder) {
  return JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) checkVersions(process.argv[2])
