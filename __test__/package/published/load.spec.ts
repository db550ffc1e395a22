import { cpSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { programs } from '../../../scripts/packages/tools.mjs'
import { findRuntimes } from '../../../scripts/runtimes.mjs'
import { OUTPUT, output, runExamples, succeeds } from '../helpers/example.ts'
import { installers } from '../helpers/installers.ts'
import { overrides, packDependent } from '../helpers/override.ts'
import { dependsOn, temporary, write } from '../helpers/project.ts'
import { published, servePublished } from '../helpers/published.ts'

/** A project with the package and the examples. */
const install = async (t: Parameters<typeof runExamples>[0]): Promise<string> => {
  const registry = await servePublished()
  t.teardown(registry.close)
  const project = write(temporary(t), dependsOn({ killtarget: published.main.manifest.version }))
  await installers.npm(project, registry.url)
  await runExamples(t, project)
  return project
}

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

const jest = `
  const { spawn } = require('node:child_process')
  test('each copy that a test loads terminates a process', async () => {
    for (let load = 0; load < 3; load++) {
      jest.resetModules()
      const { terminate } = require('killtarget')
      const { outcome, survivors } = await terminate(spawn('sleep', ['60']))
      expect([outcome, survivors]).toEqual(['exited', []])
    }
  })
`

for (const [age, { program, options }] of Object.entries(compilers)) {
  test.serial(
    `the types hold in the ${age} TypeScript, as strict as it can be, by each way to resolve modules`,
    async (t) => {
      const project = write(await install(t), { 'types.mts': types })
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

test.serial('Jest loads the package anew after each reset of its modules', async (t) => {
  const project = write(await install(t), { 'example.test.js': jest })
  await t.notThrowsAsync(output(process.execPath, [programs.jest, '--rootDir', project, '--colors=false'], project))
})

test.serial('a bundle of esbuild works with the package outside it', async (t) => {
  const project = await install(t)
  const file = join(project, 'bundle.js')
  await succeeds(t, 'esbuild', [...bundle(project), '--external:killtarget', `--outfile=${file}`])
  t.is(await output(process.execPath, [file], project), OUTPUT)
})

test.serial('a bundle of esbuild that holds the package works far from node_modules', async (t) => {
  const project = await install(t)
  await succeeds(t, 'esbuild', [...bundle(project), '--loader:.node=copy', `--outfile=${project}/bundle/example.js`])
  const elsewhere = temporary(t)
  cpSync(join(project, 'bundle'), elsewhere, { recursive: true })
  t.is(await output(process.execPath, [join(elsewhere, 'example.js')], elsewhere), OUTPUT)
})

test.serial('one file compiled by Bun works far from node_modules', async (t) => {
  const project = await install(t)
  const { path } = findRuntimes().bun
  await output(path!, ['build', '--compile', 'example.mjs', '--outfile', join(project, 'compiled')], project)
  const elsewhere = temporary(t)
  cpSync(join(project, 'compiled'), join(elsewhere, 'compiled'))
  t.regex(await output(join(elsewhere, 'compiled'), [], elsewhere), /^killed\n/)
})

function bundle(project: string): string[] {
  return [join(project, 'example.cjs'), '--bundle', '--platform=node', '--log-level=warning']
}
