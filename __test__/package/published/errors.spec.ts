import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { output, runExamples } from '../helpers/example.ts'
import { type InstallerName, type InstallOptions, installers } from '../helpers/installers.ts'
import { here, otherProcessor } from '../helpers/platform.ts'
import { dependsOn, temporary, write } from '../helpers/project.ts'
import { binaryOf, published, servePublished } from '../helpers/published.ts'

const name = `killtarget-${here}`
const IS_BROKEN = `The package ${name} is installed, but does not load`
const IS_MISSING = `The package ${name} is not installed.`

interface Project {
  folder: string
  install(by: InstallerName, options?: InstallOptions): Promise<void>
  remove(path: string): void
}

async function emptyProject(t: ExecutionContext): Promise<Project> {
  const registry = await servePublished()
  t.teardown(registry.close)
  const folder = write(temporary(t), dependsOn({ killtarget: published.main.manifest.version }))
  return {
    folder,
    install: (by, options) => installers[by](folder, registry.url, options),
    remove: (path) => rmSync(join(folder, path), { recursive: true }),
  }
}

/** The whole message of the error. Its last line must begin with this remedy. */
async function failure(t: ExecutionContext, project: string, remedy: string): Promise<string> {
  const program =
    "try { require('killtarget') } catch (error) { console.log(JSON.stringify([error.code, error.message])) }"
  const [code, message] = JSON.parse(await output(process.execPath, ['--eval', program], project)) as [string, string]
  t.is(code, 'ERR_BINDING_NOT_LOADED')
  t.true(message.split('\n').at(-1)!.startsWith(remedy), message)
  return message
}

test.serial('the error for a broken binary says why it does not load', async (t) => {
  const { folder, install } = await emptyProject(t)
  await install('npm')
  const binary = join(folder, 'node_modules', name, `killtarget.${here}.node`)
  for (const [content, message] of [
    [readFileSync(binary).subarray(0, 40), /file too short/],
    ['no binary, but long enough for its header'.repeat(10), /invalid ELF header/],
    [readFileSync(binaryOf(otherProcessor)), /cannot open shared object file|wrong ELF class|ELF/],
  ] as const) {
    writeFileSync(binary, content)
    t.regex(await failure(t, folder, IS_BROKEN), message)
  }
})

test.serial('the error for a missing binary names the package to install', async (t) => {
  const { folder, install, remove } = await emptyProject(t)
  await install('npm')
  remove(join('node_modules', name))
  t.true((await failure(t, folder, IS_MISSING)).includes(`Cannot find module '${name}'`))
})

test.serial('the remedy in the error helps after npm left out optional dependencies', async (t) => {
  const { folder, install } = await emptyProject(t)
  await install('npm', { args: ['--omit=optional'] })
  await failure(t, folder, IS_MISSING)
  await install('npm')
  await runExamples(t, folder)
})

test.serial('the remedy in the error helps after npm 10 forgot the other platforms', async (t) => {
  const { folder, install, remove } = await emptyProject(t)
  const elsewhere = { platform: { os: 'darwin', cpu: 'arm64' } }
  await install('npm 10', elsewhere)
  // npm 10 makes a lock file from node_modules, which has only the other platform's binary.
  remove('package-lock.json')
  await install('npm 10', elsewhere)
  remove('node_modules')
  await install('npm 10')
  await failure(t, folder, IS_MISSING)
  remove('node_modules')
  remove('package-lock.json')
  await install('npm 10')
  await runExamples(t, folder)
})
