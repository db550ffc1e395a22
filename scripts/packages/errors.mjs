import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binaryOf } from '../cross/build.mjs'
import { here, other } from './here.mjs'
import { installers } from './installers.mjs'
import { output, runBoth } from './loads.mjs'
import { dependsOn, makeProject } from './project.mjs'

const name = `killtarget-${here()}`
const IS_BROKEN = `The package ${name} is installed, but does not load`
const IS_MISSING = `The package ${name} is not installed.`

/** That of a package without a binary, or with a broken one, the error says what there is to be said. */
export function checkErrors(project) {
  const folder = join(project, 'node_modules', name)
  const binary = join(folder, `killtarget.${here()}.node`)
  for (const [content, message] of [
    [readFileSync(binary).subarray(0, 40), /file too short/],
    ['no binary, but long enough for its header'.repeat(10), /invalid ELF header/],
    [readFileSync(binaryOf(other())), /cannot open shared object file|wrong ELF class|ELF/],
  ]) {
    writeFileSync(binary, content)
    assert.match(failureOf(project, IS_BROKEN), message)
  }
  rmSync(folder, { recursive: true })
  assert.ok(failureOf(project, IS_MISSING).includes(`Cannot find module '${name}'`))
}

/** That what the error says to do helps: where the package was left out, and where npm has forgotten it. */
export async function checkRemedies(folder, { main, url }) {
  const files = dependsOn({ killtarget: main.manifest.version })
  const install = (by, options) => installers[by](project, url, options)
  let project = makeProject(join(folder, 'omitted'), files)
  await install('npm', { args: ['--omit=optional'] })
  failureOf(project, IS_MISSING)
  await install('npm')
  runBoth(project)

  project = makeProject(join(folder, 'forgotten'), files)
  const remove = (path) => rmSync(join(project, path), { recursive: true })
  const elsewhere = { platform: { os: 'darwin', cpu: 'arm64' } }
  await install('npm 10', elsewhere)
  // That makes a lock file of what is in `node_modules`.
  remove('package-lock.json')
  await install('npm 10', elsewhere)
  remove('node_modules')
  await install('npm 10')
  failureOf(project, IS_MISSING)
  remove('node_modules')
  remove('package-lock.json')
  await install('npm 10')
  runBoth(project)
}

/** What the error says in whole, whose last line is to begin like that. */
function failureOf(project, remedy) {
  const program =
    "try { require('killtarget') } catch (error) { console.log(JSON.stringify([error.code, error.message])) }"
  const [code, message] = JSON.parse(output(process.execPath, ['--eval', program], project))
  assert.equal(code, 'ERR_BINDING_NOT_LOADED')
  assert.ok(message.split('\n').at(-1).startsWith(remedy), message)
  return message
}
