import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { runExamples } from './example.ts'
import { installers } from './installers.ts'
import { dependsOn, temporary, write } from './project.ts'
import { published, servePublished } from './published.ts'

let installed: Promise<string> | undefined

/** Makes a project with the package and the examples, which work in it. It is installed once, and copied for each test. */
export async function installExamples(t: ExecutionContext): Promise<string> {
  const project = temporary(t)
  cpSync(await installOnce(t), project, { recursive: true })
  return project
}

/** Makes such a project, the same for all tests of a file. */
export function installOnce(t: ExecutionContext): Promise<string> {
  return (installed ??= install(t))
}

async function install(t: ExecutionContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-package-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const project = write(folder, dependsOn({ killtarget: published.main.manifest.version }))
  const registry = await servePublished()
  try {
    await installers.npm(project, registry.url)
  } finally {
    registry.close()
  }
  await runExamples(t, project)
  return project
}
