import { join } from 'node:path'
import { checkOverride, packDependent } from './packages/overrides.mjs'
import { serve } from './registry.mjs'
import { run } from './run.mjs'

const use = "kill(1, 'SIGKILL', (error?: Error) => {})"
const types = {
  'types.cts': `import kill = require('tree-kill')\n${use}`,
  'types.mts': `import kill from 'tree-kill'\n${use}`,
}

/** That a project gets ours in place of tree-kill by npm, and that it works there, with its types. */
export async function checkTreeKill(folder, { main, binary, treeKill }) {
  await run('publint', ['--strict', treeKill.filename])
  // As napi has it when it publishes.
  const optionalDependencies = { [binary.manifest.name]: binary.manifest.version }
  const published = { ...main, manifest: { ...main.manifest, optionalDependencies } }
  const registry = await serve([published, binary, treeKill, ...packDependent(folder)])
  const project = await checkOverride('npm', join(folder, 'dependents'), registry.url, types)
  registry.close()

  const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--types', '', '--target', 'es2022']
  const files = Object.keys(types).map((name) => join(project, name))
  await run('tsc', ['--ignoreConfig', ...strict, '--module', 'nodenext', ...files])
}
