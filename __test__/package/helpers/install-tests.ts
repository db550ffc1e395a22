import { rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { execa } from 'execa'
import type { Manifest } from '../../../scripts/packages/pack.mjs'
import { runExamples } from './example.ts'
import { type InstallerName, installers, type Platform, resolverOf } from './installers.ts'
import { overrides, packDependent } from './override.ts'
import { foreign, here } from './platform.ts'
import { dependsOn, guardsIn, platformsIn, temporary, write } from './project.ts'
import { published, servePublished } from './published.ts'

const project = dependsOn({ killtarget: published.main.manifest.version })

/** Declares the tests of an installer. They are serial: each keeps a processor busy. */
export function testInstaller(name: InstallerName): void {
  const install = installers[name]

  test.serial(`${name} installs the package, and the README's first example and the guard work`, async (t) => {
    const registry = await servePublished()
    t.teardown(registry.close)
    const folder = write(temporary(t), project)
    await install(folder, registry.url)
    await runExamples(t, folder, resolverOf(name))
    t.deepEqual(platformsIn(folder), fitting(name, here))
    const guards = guardsIn(folder)
    t.is(guards.length, fitting(name, here).length)
    for (const guard of guards) {
      const { exitCode, shortMessage } = await execa(guard, ['--', 'sh', '-c', 'exit 7'], { reject: false })
      t.is(exitCode, 7, shortMessage)
    }
  })

  test.serial(`${name} overrides tree-kill as the guide says, and the override kills`, async (t) => {
    const folder = temporary(t)
    const registry = await servePublished(packDependent(folder))
    t.teardown(registry.close)
    await overrides(t, name, { folder: join(folder, 'project'), registry: registry.url })
  })

  for (const { manifest } of published.platforms) {
    const platform = platformOf(manifest)
    test.serial(`${name} installs only the binary that fits on ${platform}`, async (t) => {
      const registry = await servePublished()
      t.teardown(registry.close)
      const folder = write(temporary(t), project)
      await install(folder, registry.url, { platform: fieldsOf(manifest) })
      t.deepEqual(platformsIn(folder), fitting(name, platform))
    })
  }

  test.serial(`${name} installs the binary that fits here over an installation for ${foreign}`, async (t) => {
    const registry = await servePublished()
    t.teardown(registry.close)
    const folder = write(temporary(t), project)
    const { manifest } = published.platforms.find((packed) => platformOf(packed.manifest) === foreign)!
    await install(folder, registry.url, { platform: fieldsOf(manifest) })
    // This file told pnpm the platform.
    rmSync(join(folder, 'pnpm-workspace.yaml'), { force: true })
    await install(write(folder, project), registry.url)
    // Some installers leave the binary for the other platform in place.
    t.true(platformsIn(folder).includes(here))
  })
}

/** The platforms whose binaries an installer takes on one. yarn 1 knows no C libraries and takes both. */
function fitting(name: InstallerName, platform: string): string[] {
  if (name !== 'yarn 1' || !platform.startsWith('linux')) return [platform]
  return [platform.replace('musl', 'gnu'), platform.replace('gnu', 'musl')]
}

const platformOf = ({ name }: Manifest): string => name.replace('killtarget-', '')

function fieldsOf({ os, cpu, libc }: Manifest): Platform {
  const fields = { os: os![0]!, cpu: cpu![0]! }
  return libc === undefined ? fields : { ...fields, libc: libc[0]! }
}
