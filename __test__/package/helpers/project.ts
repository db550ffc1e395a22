import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'

/** The files of a project by their paths. What is not a string is written as JSON. */
export type Files = Record<string, unknown>

/** Makes an empty folder outside the repository, so that nothing is found in a folder above. It goes with the test. */
export function temporary(t: Pick<ExecutionContext, 'teardown'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-package-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Writes files into a folder, which need not exist. */
export function write(folder: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}

/** The manifest of a project that depends on these packages in these versions. */
export function dependsOn(dependencies: Record<string, string>, fields: object = {}): Files {
  return { 'package.json': { name: 'project', version: '1.0.0', private: true, dependencies, ...fields } }
}

/** The installed files: in `node_modules`, or where Plug’n’Play puts packages with binaries. */
export function installedIn(project: string): string[] {
  return ['node_modules', '.yarn/unplugged'].flatMap((name) => filesIn(join(project, name)))
}

/** The platforms whose binaries are installed, sorted. */
export function platformsIn(project: string): string[] {
  const found = installedIn(project).flatMap((path) => /killtarget\.([\w-]+)\.node$/.exec(path)?.[1] ?? [])
  return [...new Set(found)].sort()
}

/** The installed guards, each once: pnpm links to a package from several folders. */
export function guardsIn(project: string): string[] {
  const found = installedIn(project).filter((path) => path.endsWith('killtarget-guard'))
  return [...new Set(found.map((path) => realpathSync(path)))]
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
