// npm run packages: packs all that is published, with the binaries of `npm run cross`, installs it by each package manager
// into an empty folder, and does the main job from there; and looks at what each installs in the place of tree-kill, and on
// other platforms.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkErrors, checkRemedies } from './packages/errors.mjs'
import { installers, resolverOf } from './packages/installers.mjs'
import { loads, runBoth } from './packages/loads.mjs'
import { checkOverride, packDependent } from './packages/overrides.mjs'
import { checkPlatforms, fitting } from './packages/platforms.mjs'
import { dependsOn, makeProject, platformsIn } from './packages/project.mjs'
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
  const { main, platforms, treeKill } = await packAll(folder)
  const registry = await serve([main, ...platforms, treeKill, ...packDependent(folder)])
  const published = { main, platforms, url: registry.url }
  for (const name of Object.keys(installers)) await checkInstalled(name, published)
  await checkLoads(join(folder, 'npm'))
  await checkRemedies(folder, published)
  console.log('what the error says to do: helps, also where npm 10 has forgotten the other platforms')
  for (const name of Object.keys(installers)) {
    await checkOverride(name, join(folder, 'overrides', name), registry.url)
    console.log(`${name}: gives killtarget-tree-kill to who requires tree-kill, and that kills`)
  }
  await checkPlatforms(folder, published)
  registry.close()
} finally {
  rmSync(folder, { recursive: true })
}

async function checkInstalled(name, { main, url }) {
  const project = makeProject(join(folder, name), dependsOn({ killtarget: main.manifest.version }))
  await installers[name](project, url)
  runBoth(project, resolverOf(name))
  assert.deepEqual(platformsIn(project), fitting(name), `${name} installs what fits, and nothing else`)
  console.log(`${name}: installed, and does what it says`)
}

async function checkLoads(project) {
  for (const [way, load] of Object.entries(loads)) {
    await load(project)
    console.log(`${way}: loads it`)
  }
  checkErrors(project)
  console.log('without a binary, and with a broken one: says so')
}
