import { readFileSync, statSync } from 'node:fs'
import test from 'ava'
import { faultsIn, guardFaultsIn } from '../../../scripts/cross/binary.mjs'
import { guardFileOf } from '../../../scripts/cross/guard.mjs'
import { platforms } from '../../../scripts/cross/platforms.mjs'
import { prepareTools } from '../../../scripts/cross/tools.mjs'
import { binaryOf, guardOf, packageFor, published } from '../helpers/published.ts'

/** The most bytes that a user downloads: the tarballs. */
const MOST_BYTES = { main: 90_000, platform: 400_000, treeKill: 3_000 }

for (const platform of Object.keys(platforms)) {
  test.serial(`the published binary for ${platform} has no fault, and its size is within the limit`, async (t) => {
    t.log(`${statSync(binaryOf(platform)).size} bytes`)
    t.deepEqual(faultsIn(platform, binaryOf(platform), await prepareTools()), [])
  })

  test(`the package for ${platform} holds its binary, has the version of all, and is small`, (t) => {
    const { manifest, files, size } = packageFor(platform)
    t.log(`${size} bytes packed`)
    t.is(manifest.version, published.main.manifest.version)
    t.true(files.includes(manifest.main!))
    t.true(size < MOST_BYTES.platform)
  })

  test.serial(`the published guard for ${platform} has no fault, and is executable`, async (t) => {
    t.log(`${statSync(guardOf(platform)).size} bytes`)
    t.deepEqual(guardFaultsIn(platform, guardOf(platform), await prepareTools()), [])
    t.is(packageFor(platform).modes[guardFileOf(platform)], 0o755)
  })
}

for (const processor of ['x64', 'arm64']) {
  test(`both C libraries have the same guard on ${processor}`, (t) => {
    const [gnu, musl] = ['gnu', 'musl'].map((library) => readFileSync(guardOf(`linux-${processor}-${library}`)))
    t.true(gnu!.equals(musl!))
  })
}

test('the main package names all packages with binaries as optional dependencies, and is small', (t) => {
  const { manifest, size } = published.main
  t.log(`${size} bytes packed`)
  const names = Object.keys(platforms).map((platform) => `killtarget-${platform}`)
  t.deepEqual(Object.keys(manifest.optionalDependencies!).sort(), names.toSorted())
  t.true(size < MOST_BYTES.main)
})

test('killtarget-tree-kill is small', (t) => {
  t.true(published.treeKill.size < MOST_BYTES.treeKill, `${published.treeKill.size} bytes packed`)
})
