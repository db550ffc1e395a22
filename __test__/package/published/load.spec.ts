import { join } from 'node:path'
import test from 'ava'
import { programs } from '../../../scripts/packages/tools.mjs'
import { succeeds } from '../helpers/example.ts'
import { installExamples } from '../helpers/install-examples.ts'
import { overrides, packDependent } from '../helpers/override.ts'
import { temporary, write } from '../helpers/project.ts'
import { servePublished } from '../helpers/published.ts'

const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022']

/** The newest TypeScript, and the oldest that the README names. Their options differ. */
const compilers = {
  newest: { program: 'tsc', options: [...strict, '--ignoreConfig', '--types', ''] },
  oldest: { program: process.execPath, options: [programs.oldestTypescript, ...strict] },
}

const types = `
  import { KillTarget, terminate, waitOrKill, type Termination, type TerminateOptions } from 'killtarget'
  import treeKill from 'killtarget/tree-kill'

  const options: TerminateOptions = { killSignal: ['SIGINT', 15], grace: 10 }
  export async function end(pid: number): Promise<Termination> {
    using target = KillTarget.fromPid(pid)
    const { status } = await waitOrKill(target, { drain: 1 })
    const code: number | null = status.shellCode
    treeKill(pid, 'SIGKILL', (error?: Error) => {})
    return terminate({ pid, exitCode: code }, options)
  }
`

for (const [age, { program, options }] of Object.entries(compilers)) {
  test.serial(
    `the types hold in the ${age} TypeScript, as strict as it can be, by each way to resolve modules`,
    async (t) => {
      const project = write(await installExamples(t), { 'types.mts': types })
      for (const [module, resolution] of [
        ['node16', 'node16'],
        ['nodenext', 'nodenext'],
        ['esnext', 'bundler'],
      ] as const) {
        const modes = ['--lib', 'es2022,esnext.disposable', '--module', module, '--moduleResolution', resolution]
        await succeeds(t, program, [...options, ...modes, join(project, 'types.mts')])
      }
    },
  )
}

test.serial('the types of an overridden tree-kill hold in strict TypeScript', async (t) => {
  const use = "kill(1, 'SIGKILL', (error?: Error) => {})"
  const files = {
    'types.cts': `import kill = require('tree-kill')\n${use}`,
    'types.mts': `import kill from 'tree-kill'\n${use}`,
  }
  const folder = temporary(t)
  const registry = await servePublished(packDependent(folder))
  t.teardown(registry.close)
  const project = await overrides(t, 'npm', { folder: join(folder, 'project'), registry: registry.url, files })
  const sources = Object.keys(files).map((name) => join(project, name))
  await succeeds(t, 'tsc', [...compilers.newest.options, '--module', 'nodenext', ...sources])
})
