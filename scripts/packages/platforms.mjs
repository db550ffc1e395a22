import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { here } from './here.mjs'
import { installers } from './installers.mjs'
import { dependsOn, makeProject, platformsIn } from './project.mjs'

/** The platforms whose binaries an installer takes on one. One knows nothing of C libraries; the loader takes what loads. */
export function fitting(name, platform = here()) {
  if (name !== 'yarn 1' || !platform.startsWith('linux')) return [platform]
  return [platform.replace('musl', 'gnu'), platform.replace('gnu', 'musl')]
}

/**
 * That each installer takes the one package that fits on each platform, as it is told to be there; and that a project which
 * was installed on another platform has the right one once it is installed here, with the same lock file and `node_modules`.
 */
export async function checkPlatforms(folder, { main, platforms, url }) {
  const queue = Object.keys(installers).values()
  // Two at a time: there is much that each waits for.
  const workers = [0, 1].map(async () => {
    for (const name of queue) await checkChoice(name, join(folder, 'platforms', name), { main, platforms, url })
  })
  for (const { reason } of await Promise.allSettled(workers)) if (reason) throw reason
}

async function checkChoice(name, folder, { main, platforms, url }) {
  const start = performance.now()
  const project = dependsOn({ killtarget: main.manifest.version })
  for (const { manifest } of platforms) {
    const platform = platformOf(manifest)
    const path = makeProject(join(folder, platform), project)
    await installers[name](path, url, { platform: fieldsOf(manifest) })
    assert.deepEqual(platformsIn(path), fitting(name, platform), `${name} installs what fits on ${platform}`)
  }
  await checkMoved(name, join(folder, foreign()), project, url)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const told = `${name}: installs ${says(name)} on each of ${platforms.length} platforms`
  console.log(`${told}, and what fits here over another's (${seconds} s)`)
}

/** Here, where it was installed on another platform before. */
async function checkMoved(name, path, project, url) {
  // What told the installer to be there.
  rmSync(join(path, 'pnpm-workspace.yaml'), { force: true })
  await installers[name](makeProject(path, project), url)
  // Some leave the other's there.
  assert.ok(platformsIn(path).includes(here()), `${name} installs what fits here, over what was for ${foreign()}`)
}

const platformOf = ({ name }) => name.replace('killtarget-', '')

const foreign = () => (here() === 'darwin-arm64' ? 'linux-x64-musl' : 'darwin-arm64')

/** As the installers have it, where a platform has it at all. */
function fieldsOf({ os: [os], cpu: [cpu], libc: [libc] = [] }) {
  return libc === undefined ? { os, cpu } : { os, cpu, libc }
}

function says(name) {
  if (name !== 'yarn 1') return 'the one package that fits'
  return 'what fits, of both C libraries, as told by Node (it has no option for that),'
}
