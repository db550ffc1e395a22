import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkTreeKill } from './package-tree-kill.mjs'
import { root, run } from './run.mjs'

const MOST_BYTES = 950_000

/** What npm would publish: its contents, its types, and whether it runs where it was installed from tarballs. */
export async function checkPackage() {
  checkManifest()
  checkBinary()
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-package-'))
  try {
    const [main, binary, treeKill] = [packMain(folder), packPlatform(folder), packTreeKill(folder)]
    await run('publint', ['--strict', main.filename])
    await run('attw', [main.filename, '--format', 'ascii'])
    await runInstalled(folder, [main.filename, binary.filename])
    await checkTreeKill(folder, { main, binary, treeKill, pack })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function checkManifest() {
  const { version, dependencies = {}, scripts } = manifestOf(root)
  assert.deepEqual(Object.keys(dependencies), [], 'users install nothing but this')
  const installs = Object.keys(scripts).filter((name) => /install|prepare|prepublish/.test(name))
  assert.deepEqual(installs, [], 'nothing runs at installation')

  const treeKill = manifestOf(`${root}packages/tree-kill`)
  assert.equal(treeKill.version, version, 'killtarget-tree-kill has the same version')
  assert.deepEqual(treeKill.dependencies, { killtarget: version }, 'killtarget-tree-kill takes that, and nothing else')
}

function checkBinary() {
  const file = `${root}killtarget.${platform()}.node`
  assert.ok(statSync(file).size < MOST_BYTES, `${file} has ${statSync(file).size} bytes, more than ${MOST_BYTES}`)
  assert.ok(!readFileSync(file).includes('panicNow'), 'test hooks are not shipped')
  assert.ok(!readFileSync(file).includes('.symtab'), 'the binary is stripped')
}

function packMain(folder) {
  const { files, ...main } = pack(root, folder)
  const unexpected = files.filter(
    (file) =>
      !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md|(index|tree-kill|binding)\.d\.ts|(index|tree-kill)\.js|lib\/[a-z-]+\.d\.ts)$/.test(
        file,
      ),
  )
  assert.deepEqual(unexpected, [], 'the main package holds JavaScript, types and documents only')
  const needed = ['index.js', 'index.d.ts', 'tree-kill.js', 'tree-kill.d.ts', 'lib/target.d.ts']
  for (const file of [...needed, 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    assert.ok(files.includes(file), `the main package holds ${file}`)
  }
  return main
}

function packPlatform(folder) {
  const platformPackage = join(folder, 'platform')
  cpSync(`${root}npm/${platform()}`, platformPackage, { recursive: true })
  cpSync(`${root}killtarget.${platform()}.node`, join(platformPackage, `killtarget.${platform()}.node`))
  const { files, ...packed } = pack(platformPackage, folder)
  assert.ok(files.includes(`killtarget.${platform()}.node`), 'the platform package holds the binary')
  return packed
}

function packTreeKill(folder) {
  const { files, ...packed } = pack(`${root}packages/tree-kill`, folder)
  const expected = ['LICENSE', 'README.md', 'cli.js', 'index.d.ts', 'index.js', 'package.json']
  assert.deepEqual(files.toSorted(), expected, 'killtarget-tree-kill holds what passes everything on')
  return packed
}

function pack(source, destination) {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], { cwd: source })
  const [{ filename, files, integrity }] = JSON.parse(output.toString())
  return {
    manifest: manifestOf(source),
    filename: join(destination, filename),
    integrity,
    files: files.map(({ path }) => path),
  }
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
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
