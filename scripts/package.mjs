import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './run.mjs'

const MOST_BYTES = 850_000

/** What npm would publish: its contents, its types, and whether it runs where it was installed from tarballs. */
export async function checkPackage() {
  checkManifest()
  checkBinary()
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-package-'))
  try {
    const tarballs = [packMain(folder), packPlatform(folder)]
    await run('publint', ['--strict', tarballs[0]])
    await run('attw', [tarballs[0], '--format', 'ascii'])
    await runInstalled(folder, tarballs)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function checkManifest() {
  const { dependencies = {}, scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  assert.deepEqual(Object.keys(dependencies), [], 'users install nothing but this')
  const installs = Object.keys(scripts).filter((name) => /install|prepare|prepublish/.test(name))
  assert.deepEqual(installs, [], 'nothing runs at installation')
}

function checkBinary() {
  const file = `${root}killtarget.${platform()}.node`
  assert.ok(statSync(file).size < MOST_BYTES, `${file} has ${statSync(file).size} bytes, more than ${MOST_BYTES}`)
  assert.ok(!readFileSync(file).includes('panicNow'), 'test hooks are not shipped')
  assert.ok(!readFileSync(file).includes('.symtab'), 'the binary is stripped')
}

function packMain(folder) {
  const { filename, files } = pack(root, folder)
  const unexpected = files.filter(
    (file) =>
      !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md|(index|binding)\.d\.ts|index\.js|lib\/[a-z-]+\.d\.ts)$/.test(
        file,
      ),
  )
  assert.deepEqual(unexpected, [], 'the main package holds JavaScript, types and documents only')
  for (const file of ['index.js', 'index.d.ts', 'lib/target.d.ts', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    assert.ok(files.includes(file), `the main package holds ${file}`)
  }
  return filename
}

function packPlatform(folder) {
  const platformPackage = join(folder, 'platform')
  cpSync(`${root}npm/${platform()}`, platformPackage, { recursive: true })
  cpSync(`${root}killtarget.${platform()}.node`, join(platformPackage, `killtarget.${platform()}.node`))
  const { filename, files } = pack(platformPackage, folder)
  assert.ok(files.includes(`killtarget.${platform()}.node`), 'the platform package holds the binary')
  return filename
}

function pack(source, destination) {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], { cwd: source })
  const [{ filename, files }] = JSON.parse(output.toString())
  return { filename: join(destination, filename), files: files.map(({ path }) => path) }
}

/** Installs both tarballs into an empty folder and does there what the README's first example does. */
async function runInstalled(folder, tarballs) {
  const project = mkdtempSync(join(folder, 'project-'))
  const write = (file, text) => writeFileSync(join(project, file), text)
  write('package.json', '{}')
  execFileSync('npm', ['install', '--offline', '--silent', ...tarballs], { cwd: project, stdio: 'inherit' })

  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, 'utf8'))[1]
  write('example.mjs', example)
  write(
    'example.cjs',
    `void (async () => {${example.replace(/^import (.*) from (.*)$/gm, 'const $1 = require($2)')}})()`,
  )
  for (const file of ['example.mjs', 'example.cjs']) {
    const output = execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' })
    const said = "killed\n{ code: null, signal: 'SIGTERM', known: true }\n[]\nfalse\n"
    assert.equal(output, said, `${file} does what it says`)
  }

  // One file that holds the package and finds the binary beside it.
  await run('esbuild', [
    join(project, 'example.cjs'),
    '--bundle',
    '--platform=node',
    '--loader:.node=copy',
    `--outfile=${join(project, 'bundle', 'example.js')}`,
    '--log-level=warning',
  ])
  rmSync(join(project, 'node_modules'), { recursive: true })
  execFileSync(process.execPath, [join(project, 'bundle', 'example.js')])
  execFileSync('npm', ['install', '--offline', '--silent', ...tarballs], { cwd: project, stdio: 'inherit' })

  // The types stand by themselves: checked in full, without Node's.
  write(
    'example.mts',
    "import { KillTarget } from 'killtarget'\nusing target = KillTarget.fromPid(1)\ntarget.signal(0)\n",
  )
  const strict = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    'false',
    '--types',
    '',
    '--lib',
    'es2022',
    '--target',
    'es2022',
  ]
  for (const mode of ['nodenext', 'preserve']) {
    await run('tsc', ['--ignoreConfig', ...strict, '--module', mode, join(project, 'example.mts')])
  }
}

/** As napi names it: of the machine that this runs on. */
function platform() {
  const { platform: os, arch } = process
  if (os === 'win32') return `win32-${arch}-msvc`
  if (os === 'darwin') return `darwin-${arch}`
  return `linux-${arch}-${process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`
}
