import type { ExecutionContext } from 'ava'
import { runExamples } from './example.ts'
import { installers } from './installers.ts'
import { dependsOn, temporary, write } from './project.ts'
import { published, servePublished } from './published.ts'

/** Makes a project with the package and the examples, which work in it. */
export async function installExamples(t: ExecutionContext): Promise<string> {
  const registry = await servePublished()
  t.teardown(registry.close)
  const project = write(temporary(t), dependsOn({ killtarget: published.main.manifest.version }))
  await installers.npm(project, registry.url)
  await runExamples(t, project)
  return project
}
