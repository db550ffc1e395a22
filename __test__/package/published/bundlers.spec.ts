import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { execa } from 'execa'
import { moduleOf, programs } from '../../../scripts/packages/tools.mjs'
import { findRuntimes } from '../../../scripts/runtimes.mjs'
import { OUTPUT, output, succeeds } from '../helpers/example.ts'
import { installExamples } from '../helpers/install-examples.ts'
import { here } from '../helpers/platform.ts'
import { temporary, write } from '../helpers/project.ts'

// The options are those of docs/bundlers.md.

/** The example in a function: CommonJS has no `await` outside of one. */
const IMPORTS = 'imports.mjs'

async function install(t: ExecutionContext): Promise<string> {
  const project = await installExamples(t)
  const lines = readFileSync(join(project, 'example.mjs'), 'utf8').split('\n')
  const isImport = (line: string): boolean => line.startsWith('import ')
  const body = lines.filter((line) => !isImport(line)).join('\n')
  return write(project, { [IMPORTS]: `${lines.filter(isImport).join('\n')}\nvoid (async () => {${body}})()` })
}

const ESM_REMEDY =
  `An ESM bundle does not hold the binary. Install killtarget-${here} in a node_modules folder above the bundle, or make a ` +
  'CommonJS bundle with a loader that copies `.node` files.'
const CJS_REMEDY = `The package killtarget-${here} is not installed. It is an optional dependency of killtarget.`

/** Makes a bundle of an example, as `bundle/main.mjs` or `bundle/main.cjs` of the project. */
interface Bundler {
  readonly bundle: (t: ExecutionContext, project: string) => Promise<void>
  readonly file: 'main.mjs' | 'main.cjs'
  /** What the error says far from `node_modules`. It works there if the bundle has the binary. */
  readonly remedy?: string
}

function esbuild(example: string, file: 'main.mjs' | 'main.cjs', hasBinary: boolean, ...options: string[]): Bundler {
  const bundle = (t: ExecutionContext, project: string): Promise<void> => {
    const fixed = ['--bundle', '--platform=node', '--log-level=warning', `--outfile=${project}/bundle/${file}`]
    return succeeds(t, 'esbuild', [join(project, example), ...fixed, ...options])
  }
  return { bundle, file, ...(!hasBinary && { remedy: file === 'main.mjs' ? ESM_REMEDY : CJS_REMEDY }) }
}

const BANNER = "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

function rollup(format: 'es' | 'cjs', file: 'main.mjs' | 'main.cjs'): Bundler {
  const bundle = async (t: ExecutionContext, project: string): Promise<void> => {
    const config = `
      import commonjs from ${JSON.stringify(`${moduleOf('@rollup/plugin-commonjs')}/dist/es/index.js`)}
      import nodeResolve from ${JSON.stringify(`${moduleOf('@rollup/plugin-node-resolve')}/dist/es/index.js`)}
      export default {
        input: '${IMPORTS}',
        output: { file: 'bundle/${file}', format: '${format}' },
        external: [/^node:/, /^killtarget-/, /\\.node$/],
        plugins: [nodeResolve(), commonjs()],
      }
    `
    write(project, { 'rollup.config.mjs': config })
    await output(process.execPath, [programs.rollup, '--config', '--silent'], project)
    t.pass()
  }
  return { bundle, file, remedy: file === 'main.mjs' ? ESM_REMEDY : CJS_REMEDY }
}

function webpack(isModule: boolean): Bundler {
  const file = isModule ? 'main.mjs' : 'main.cjs'
  const loader = JSON.stringify(moduleOf('node-loader'))
  const inside = `module: { rules: [{ test: /\\.node$/, loader: ${loader} }] }, node: { __dirname: false },`
  const outside = "externalsType: 'node-commonjs', externals: [/^killtarget-/],"
  const bundle = async (t: ExecutionContext, project: string): Promise<void> => {
    const config = `
      const webpack = require(${JSON.stringify(moduleOf('webpack'))})
      const config = {
        entry: './${IMPORTS}',
        mode: 'production',
        target: 'node20',
        experiments: { outputModule: ${isModule} },
        output: { path: __dirname + '/bundle', filename: '${file}', module: ${isModule} },
        ${isModule ? outside : inside}
      }
      webpack(config, (error, stats) => {
        if (error || stats.hasErrors()) throw error ?? new Error(stats.toString('errors-only'))
      })
    `
    await output(process.execPath, ['webpack.cjs'], write(project, { 'webpack.cjs': config }))
    t.pass()
  }
  return { bundle, file, ...(isModule && { remedy: CJS_REMEDY }) }
}

function bun(file: 'main.mjs' | 'main.cjs', ...options: string[]): Bundler {
  const bundle = async (t: ExecutionContext, project: string): Promise<void> => {
    const fixed = ['--target=node', '--outdir=bundle', `--entry-naming=${file}`]
    await output(findRuntimes().bun.path!, ['build', IMPORTS, ...fixed, ...options], project)
    t.pass()
  }
  return { bundle, file }
}

const copy = '--loader:.node=copy'
const beside = '--external:killtarget-*'

const bundlers: Record<string, Bundler> = {
  'esbuild, CommonJS, with the binary': esbuild('example.cjs', 'main.cjs', true, copy),
  'esbuild, CommonJS from an import, with the binary': esbuild(
    IMPORTS,
    'main.cjs',
    true,
    '--format=cjs',
    copy,
    '--minify',
  ),
  'esbuild, CommonJS, without the binary': esbuild(IMPORTS, 'main.cjs', false, '--format=cjs', beside),
  'esbuild, ESM, with the binary': esbuild('example.mjs', 'main.mjs', true, '--format=esm', copy, BANNER),
  'esbuild, ESM, without the binary': esbuild('example.mjs', 'main.mjs', false, '--format=esm', beside),
  'esbuild, ESM, minified, with an unused copy of the binary': esbuild(
    'example.mjs',
    'main.mjs',
    false,
    '--format=esm',
    '--minify',
    copy,
  ),
  'rollup, ESM': rollup('es', 'main.mjs'),
  'rollup, CommonJS': rollup('cjs', 'main.cjs'),
  'webpack, CommonJS': webpack(false),
  'webpack, ESM': webpack(true),
  'bun build, CommonJS': bun('main.cjs', '--format=cjs'),
  'bun build, ESM': bun('main.mjs'),
}

for (const [name, { bundle, file, remedy }] of Object.entries(bundlers)) {
  test.serial(
    `a bundle that holds the package works beside node_modules, and elsewhere if it has the binary: ${name}`,
    async (t) => {
      const project = await install(t)
      await bundle(t, project)
      t.is(await output(process.execPath, ['--enable-source-maps', join('bundle', file)], project), OUTPUT)

      const elsewhere = temporary(t)
      cpSync(join(project, 'bundle'), elsewhere, { recursive: true })
      const { stdout, stderr } = await execa(process.execPath, [file], { cwd: elsewhere, reject: false })
      if (remedy === undefined) return t.is(stdout, OUTPUT, stderr)
      t.true(stderr.includes(`Cannot load the killtarget binary for ${process.platform}-${process.arch}:\n`), stderr)
      t.true(stderr.includes(`- Cannot find module 'killtarget-${here}'\n`), stderr)
      t.true(stderr.includes(remedy), stderr)
    },
  )
}

for (const format of ['cjs', 'esm']) {
  test.serial(`a bundle of esbuild works with the package outside it: ${format}`, async (t) => {
    const project = await install(t)
    const file = `bundle/main.${format === 'cjs' ? 'cjs' : 'mjs'}`
    const options = ['--bundle', '--platform=node', `--format=${format}`, '--packages=external', '--log-level=warning']
    await succeeds(t, 'esbuild', [join(project, IMPORTS), ...options, `--outfile=${join(project, file)}`])
    t.is(await output(process.execPath, [file], project), OUTPUT)
  })
}

test.serial('one file compiled by Bun works far from node_modules', async (t) => {
  const project = await install(t)
  const { path } = findRuntimes().bun
  await output(path!, ['build', '--compile', 'example.mjs', '--outfile', join(project, 'compiled')], project)
  const elsewhere = temporary(t)
  cpSync(join(project, 'compiled'), join(elsewhere, 'compiled'))
  t.regex(await output(join(elsewhere, 'compiled'), [], elsewhere), /^killed\n/)
})

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

test.serial('Jest loads the package anew after each reset of its modules', async (t) => {
  const project = write(await installExamples(t), { 'example.test.js': jest })
  await t.notThrowsAsync(output(process.execPath, [programs.jest, '--rootDir', project, '--colors=false'], project))
})

const vitest = `
  import { spawn } from 'node:child_process'
  import { terminate } from 'killtarget'
  test('a test terminates a process', async () => {
    const { outcome, survivors } = await terminate(spawn('sleep', ['60']))
    expect([outcome, survivors]).toEqual(['exited', []])
  })
`

for (const inline of [false, true]) {
  test.serial(`Vitest loads the package ${inline ? 'through its own loader' : 'by Node'}`, async (t) => {
    const config = { test: { globals: true, watch: false, server: { deps: { inline: inline || [] } } } }
    const files = { 'example.test.mjs': vitest, 'vitest.config.mjs': `export default ${JSON.stringify(config)}` }
    const project = write(await installExamples(t), files)
    await t.notThrowsAsync(output(process.execPath, [programs.vitest, 'run', '--root', project], project))
  })
}

const copies = `
  import { spawn } from 'node:child_process'
  import * as outside from 'killtarget'
  import * as bundled from './bundle/package.mjs'
  const listeners = new Set()
  for (const { terminate } of [outside, bundled]) {
    console.log((await terminate(spawn('sleep', ['60']))).outcome)
    listeners.add(process.listenerCount('exit'))
  }
  console.log(outside.terminate !== bundled.terminate, listeners.size)
`

test.serial('a bundle that holds the package works beside the package itself', async (t) => {
  const project = write(await install(t), {
    'copies.mjs': copies,
    'package.mjs': "export { terminate } from 'killtarget'",
  })
  const options = ['--bundle', '--platform=node', '--format=esm', beside, `--outfile=${project}/bundle/package.mjs`]
  await succeeds(t, 'esbuild', [join(project, 'package.mjs'), ...options, '--log-level=warning'])
  t.is(await output(process.execPath, ['copies.mjs'], project), 'exited\nexited\ntrue 1')
})

const vm = `
  const { readFileSync } = require('node:fs')
  const { dirname, join } = require('node:path')
  const vm = require('node:vm')
  // What its index.js requires.
  const main = join(dirname(require.resolve('killtarget')), 'main.js')
  const run = (scope) => {
    const module = { exports: {} }
    const context = vm.createContext({ process, module, exports: module.exports, ...scope })
    vm.runInContext(readFileSync(main, 'utf8'), context)
    return module.exports.KillTarget.fromPid(process.pid).isAlive()
  }
  console.log(run({ require }))
  try { run({}) } catch (error) { console.log(error.message.split('\\n').at(-1)) }
`

test.serial(
  'a context of node:vm loads the package with a `require`, and says what is missing without one',
  async (t) => {
    const project = write(await install(t), { 'vm.cjs': vm })
    t.is(await output(process.execPath, ['vm.cjs'], project), `true\n${ESM_REMEDY}`)
  },
)
