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
export function runBoth(project, args = []) {
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

/** What a program says, which is to end well. */
export function output(program, args, cwd) {
  return execFileSync(program, args, { cwd, encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'inherit'] })
}
