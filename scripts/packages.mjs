// npm run packages: packs all that is published, with the binaries of `npm run cross`, installs it by each package manager
// into an empty folder, and does the main job from there.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installers } from './packages/installers.mjs'
import { checkErrors, here, loads, runBoth } from './packages/loads.mjs'
import { packAll } from './packages/stage.mjs'
import { installTools } from './packages/tools.mjs'
import { prepare } from './prepare.mjs'
import { serve } from './registry.mjs'
import { installRuntimes } from './runtimes.mjs'

await prepare()
await installTools()
await installRuntimes()
const folder = mkdtempSync(join(tmpdir(), 'killtarget-packages-'))
try {
  const packages = await packAll(folder)
  const registry = await serve(packages)
  for (const name of Object.keys(installers)) await checkInstalled(name, registry.url, packages[0].manifest.version)
  registry.close()
} finally {
  rmSync(folder, { recursive: true })
}

async function checkInstalled(name, url, version) {
  const project = join(folder, name.replaceAll(/\W+/g, '-'))
  mkdirSync(project)
  const manifest = { name: 'project', version: '1.0.0', private: true, dependencies: { killtarget: version } }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  await installers[name](project, url)
  const isPlugged = name.includes('Play')
  runBoth(
    project,
    isPlugged ? { args: ['--require', './.pnp.cjs', '--loader', './.pnp.loader.mjs', '--no-warnings'] } : {},
  )
  if (!isPlugged) checkFitting(name, join(project, 'node_modules'))
  console.log(`${name}: installed, and does what it says`)
  if (name !== 'npm') return
  for (const [way, load] of Object.entries(loads)) {
    await load(project)
    console.log(`${way}: loads it`)
  }
  checkErrors(project)
  console.log('without a binary, and with a broken one: says so')
}

/** Of the packages for platforms the one that fits is installed, and no other. */
function checkFitting(name, modules) {
  const paths = readdirSync(modules, { recursive: true })
  const found = paths.flatMap((path) => /killtarget-\w+-\w+(-\w+)?(?=\/package\.json$)/.exec(path)?.[0] ?? [])
  // That knows nothing of C libraries; the loader takes the one that loads.
  const [expected, both] = [`killtarget-${here()}`, name === 'yarn 1' ? here().replace('gnu', 'musl') : here()]
  assert.deepEqual([...new Set(found)].sort(), [...new Set([expected, `killtarget-${both}`])].sort(), name)
}
