import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from './pack.mjs'
import { checkTreeKill } from './package-tree-kill.mjs'
import { here } from './packages/here.mjs'
import { runBoth } from './packages/loads.mjs'
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
    runInstalled(folder, [main.filename, binary.filename])
    await checkTreeKill(folder, { main, binary, treeKill })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function checkManifest() {
  const { dependencies = {}, scripts } = manifestOf(root)
  assert.deepEqual(Object.keys(dependencies), [], 'users install nothing but this')
  const installs = Object.keys(scripts).filter((name) => /install|prepare|prepublish/.test(name))
  assert.deepEqual(installs, [], 'nothing runs at installation')
  const treeKill = manifestOf(`${root}packages/tree-kill`)
  assert.deepEqual(
    Object.keys(treeKill.dependencies),
    ['killtarget'],
    'killtarget-tree-kill takes that, and nothing else',
  )
}

function checkBinary() {
  const file = `${root}killtarget.${here()}.node`
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
  cpSync(`${root}npm/${here()}`, platformPackage, { recursive: true })
  cpSync(`${root}killtarget.${here()}.node`, join(platformPackage, `killtarget.${here()}.node`))
  const { files, ...packed } = pack(platformPackage, folder)
  assert.ok(files.includes(`killtarget.${here()}.node`), 'the platform package holds the binary')
  return packed
}

function packTreeKill(folder) {
  const { files, ...packed } = pack(`${root}packages/tree-kill`, folder)
  const expected = ['LICENSE', 'README.md', 'cli.js', 'index.d.ts', 'index.js', 'package.json']
  assert.deepEqual(files.toSorted(), expected, 'killtarget-tree-kill holds what passes everything on')
  return packed
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Installs both tarballs into an empty folder and does there what the README's first example does. */
function runInstalled(folder, tarballs) {
  const project = mkdtempSync(join(folder, 'project-'))
  writeFileSync(join(project, 'package.json'), '{}')
  execFileSync('npm', ['install', '--offline', '--silent', ...tarballs], { cwd: project, stdio: 'inherit' })
  runBoth(project)
}
