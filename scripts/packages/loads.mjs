import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from '../run.mjs'
import { findRuntimes } from '../runtimes.mjs'
import { programs } from './tools.mjs'

/** The README's first example, and what it says. */
const esm = /```js\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, 'utf8'))[1]
const SAID = "killed\n{ code: null, signal: 'SIGTERM', known: true }\n[]\nfalse\n"

/** The same for who has no `import`. */
const cjs = `void (async () => {${esm.replace(/^import (.*) from (.*)$/gm, 'const $1 = require($2)')}})()`

const jest = `
  const { spawn } = require('node:child_process')
  test('a process is ended, by each copy that a test loads', async () => {
    for (let load = 0; load < 3; load++) {
      jest.resetModules()
      const { terminate } = require('killtarget')
      const { outcome, survivors } = await terminate(spawn('sleep', ['60']))
      expect([outcome, survivors]).toEqual(['exited', []])
    }
  })
`

/** Does the main job from `import` and from `require`. */
export function runBoth(project, { args = [] } = {}) {
  writeFileSync(join(project, 'example.mjs'), esm)
  writeFileSync(join(project, 'example.cjs'), cjs)
  for (const file of ['example.mjs', 'example.cjs']) {
    assert.equal(output(process.execPath, [...args, file], project), SAID, `${file} does what it says`)
  }
}

/** What loads packages in a way of its own, from where they are installed in `node_modules`. */
export const loads = {
  async TypeScript(project) {
    const source = "import { KillTarget } from 'killtarget'\nusing target = KillTarget.fromPid(1)\ntarget.signal(0)\n"
    writeFileSync(join(project, 'example.mts'), source)
    const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--types', '', '--target', 'es2022']
    const library = ['--lib', 'es2022,esnext.disposable']
    for (const [module, resolution] of [
      ['node16', 'node16'],
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const modes = ['--module', module, '--moduleResolution', resolution]
      await run('tsc', ['--ignoreConfig', ...strict, ...library, ...modes, join(project, 'example.mts')])
    }
  },

  Jest(project) {
    writeFileSync(join(project, 'example.test.js'), jest)
    output(process.execPath, [programs.jest, '--rootDir', project, '--colors=false'], project)
  },

  async esbuild(project) {
    const out = join(project, 'bundle')
    const bundle = [join(project, 'example.cjs'), '--bundle', '--platform=node', '--log-level=warning']
    await run('esbuild', [...bundle, '--external:killtarget', `--outfile=${join(out, 'external.js')}`])
    assert.equal(output(process.execPath, [join(out, 'external.js')], project), SAID)
    // One file that holds the package, with the binary beside it, far from where it was installed.
    await run('esbuild', [...bundle, '--loader:.node=copy', `--outfile=${join(out, 'whole', 'example.js')}`])
    elsewhere(project, (folder) => {
      cpSync(join(out, 'whole'), join(folder, 'whole'), { recursive: true })
      assert.equal(output(process.execPath, [join(folder, 'whole', 'example.js')], folder), SAID)
    })
  },

  'bun build --compile'(project) {
    const { path } = findRuntimes().bun
    output(path, ['build', '--compile', 'example.mjs', '--outfile', join(project, 'compiled')], project)
    // The one file is all that it takes.
    elsewhere(project, (folder) => {
      cpSync(join(project, 'compiled'), join(folder, 'compiled'))
      assert.match(output(join(folder, 'compiled'), [], folder), /^killed\n/)
    })
  },
}

/** That of a package without a binary, or with a broken one, the error says what there is to be said. */
export function checkErrors(project) {
  const folder = join(project, 'node_modules', `killtarget-${here()}`)
  const binary = join(folder, `killtarget.${here()}.node`)
  const [package_, kept] = [`killtarget-${here()}`, readFileSync(binary)]
  const failure = () => {
    const program =
      "try { require('killtarget') } catch (error) { console.log(JSON.stringify([error.code, error.message])) }"
    return JSON.parse(output(process.execPath, ['--eval', program], project))
  }
  for (const [content, message] of [
    [kept.subarray(0, 40), /file too short/],
    ['no binary, but long enough for its header'.repeat(10), /invalid ELF header/],
    [
      readFileSync(`${root}target/cross/killtarget.${other()}.node`),
      /cannot open shared object file|wrong ELF class|ELF/,
    ],
  ]) {
    writeFileSync(binary, content)
    const [code, text] = failure()
    assert.equal(code, 'ERR_BINDING_NOT_LOADED')
    assert.match(text, message)
    assert.ok(lastLine(text).startsWith(`The package ${package_} is installed, and does not load`), text)
  }
  rmSync(folder, { recursive: true })
  const [code, text] = failure()
  assert.equal(code, 'ERR_BINDING_NOT_LOADED')
  assert.ok(text.includes(`Cannot find module '${package_}'`), text)
  assert.ok(lastLine(text).startsWith(`The package ${package_} is not installed.`), text)
}

function lastLine(text) {
  return text.split('\n').at(-1)
}

/** Another machine's. */
function other() {
  return here().replace(/x64|arm64/, (architecture) => (architecture === 'x64' ? 'arm64' : 'x64'))
}

/** The platform of this machine, as its package is called. */
export function here() {
  const { platform: os, arch } = process
  if (os === 'win32') return `win32-${arch}-msvc`
  if (os === 'darwin') return `darwin-${arch}`
  return `linux-${arch}-${process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`
}

/** In an empty folder, and without what is installed. */
function elsewhere(project, act) {
  const [installed, away] = [join(project, 'node_modules'), join(project, 'away')]
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-elsewhere-'))
  renameSync(installed, away)
  try {
    act(folder)
  } finally {
    renameSync(away, installed)
    rmSync(folder, { recursive: true })
  }
}

function output(program, args, cwd) {
  return execFileSync(program, args, { cwd, encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'inherit'] })
}
