import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A project of somebody's, in a folder of its own, with these files. What is no text is written as JSON. */
export function makeProject(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}

/** One that depends on these, in these versions. */
export function dependsOn(dependencies, fields = {}) {
  return { 'package.json': { name: 'project', version: '1.0.0', private: true, dependencies, ...fields } }
}

/** The files that an installer has put there, in `node_modules` or, for Plug’n’Play, where packages with binaries go. */
export function installedIn(project) {
  return ['node_modules', '.yarn/unplugged'].flatMap((name) => filesIn(join(project, name)))
}

/** The platforms whose binaries are installed, in order. */
export function platformsIn(project) {
  const found = installedIn(project).flatMap((path) => /killtarget\.([\w-]+)\.node$/.exec(path)?.[1] ?? [])
  return [...new Set(found)].sort()
}

function filesIn(folder) {
  try {
    return readdirSync(folder, { recursive: true }).map((path) => join(folder, path))
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}
