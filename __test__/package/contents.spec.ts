import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { execa } from 'execa'
import { guardFileOf, guardNameOf } from '../../scripts/cross/guard.mjs'
import { placeGuard, placeGuards } from '../../scripts/packages/guards.mjs'
import { machinePaths } from '../../scripts/remap-paths.mjs'
import { pack, type Packed } from '../../scripts/packages/pack.mjs'
import { runExamples, succeeds } from './helpers/example.ts'
import { here } from './helpers/platform.ts'
import { temporary, write } from './helpers/project.ts'
import { snippets } from './helpers/snippets.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const binary = `killtarget.${here}.node`

/** The plain release build. `npm run cross` builds what is published, and has limits of its own. */
const MOST_BYTES = 840_000

const folder = mkdtempSync(join(tmpdir(), 'killtarget-contents-'))
test.after.always(() => rmSync(folder, { recursive: true }))

let main: Packed, platform: Packed, treeKill: Packed

test.before('the packages can be packed', () => {
  main = pack(root, folder)
  treeKill = pack(join(root, 'packages/tree-kill'), folder)
  const source = join(folder, 'platform')
  cpSync(join(root, 'npm', here), source, { recursive: true })
  cpSync(join(root, binary), join(source, binary))
  const guard = guardFileOf(here)
  placeGuard(join(root, guard), join(source, guard))
  platform = pack(source, folder)
})

test('the main package holds JavaScript, types and documents only', (t) => {
  const allowed =
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|(index|tree-kill)\.d\.ts|(index|main|tree-kill|cli)\.js)$/
  t.deepEqual(
    main.files.filter((file) => !allowed.test(file)),
    [],
  )
  const needed = ['index.js', 'index.d.ts', 'main.js', 'tree-kill.js', 'tree-kill.d.ts', 'cli.js']
  for (const file of [...needed, 'README.md', 'LICENSE', 'CHANGELOG.md']) t.true(main.files.includes(file), file)
})

test('the package for this platform holds the binary', (t) => {
  t.true(platform.files.includes(binary))
})

test('each package for a platform holds a guard, executable, also if its artifact was not executable', (t) => {
  const packages = join(folder, 'guards', 'npm')
  cpSync(join(root, 'npm'), packages, { recursive: true })
  const artifacts = join(folder, 'guards', 'artifacts')
  mkdirSync(artifacts)
  const names = readdirSync(packages)
  for (const name of names) writeFileSync(join(artifacts, guardNameOf(name)), name, { mode: 0o644 })
  placeGuards(artifacts, packages)
  for (const name of names) {
    const { modes } = pack(join(packages, name), artifacts)
    t.is(modes[guardFileOf(name)], 0o755, name)
  }
})

test('the packages are not complete without a guard', (t) => {
  const packages = join(folder, 'no-guards')
  cpSync(join(root, 'npm'), packages, { recursive: true })
  t.throws(() => placeGuards(packages, packages), { code: 'ENOENT' })
})

test('killtarget-tree-kill holds only what passes calls on to killtarget', (t) => {
  const expected = ['LICENSE', 'README.md', 'cli.js', 'index.d.ts', 'index.js', 'package.json']
  t.deepEqual(treeKill.files.toSorted(), expected)
})

test('publint finds no fault in the packages', async (t) => {
  for (const { filename } of [main, treeKill]) await succeeds(t, 'publint', ['--strict', filename])
})

test('the types are right for every way to resolve modules', async (t) => {
  await succeeds(t, 'attw', [main.filename, '--format', 'ascii'])
})

test('the release build is small, stripped, and has no hooks for tests', (t) => {
  const file = join(root, binary)
  const { size } = statSync(file)
  t.true(size < MOST_BYTES, `${size} bytes`)
  t.false(readFileSync(file).includes('panicNow'))
  t.false(readFileSync(file).includes('.symtab'))
})

test('the release build holds no path of the machine that built it', (t) => {
  const bytes = readFileSync(join(root, binary))
  const held = machinePaths().filter(([path]) => bytes.includes(path))
  t.deepEqual(held, [])
  // The paths of its own sources are there, under other names.
  t.true(bytes.includes('/cargo/napi-'))
  t.false(bytes.includes('/registry/'))
})

test("the README's first example works where npm has installed the tarballs", async (t) => {
  const project = write(temporary(t), { 'package.json': {} })
  const tarballs = [main.filename, platform.filename]
  await execa('npm', ['install', '--offline', '--silent', ...tarballs], { cwd: project })
  await runExamples(t, project)
})

for (const module of ['nodenext', 'bundler']) {
  test(`each snippet of the documents compiles in strict mode, for ${module}`, async (t) => {
    const files = snippets()
    t.true(Object.keys(files).length > 30)
    const compilerOptions = {
      ...(module === 'bundler' ? { module: 'esnext', moduleResolution: 'bundler' } : { module }),
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      noEmit: true,
    }
    const project = write(temporary(t), { 'package.json': {}, 'tsconfig.json': { compilerOptions }, ...files })
    await execa('npm', ['install', '--offline', '--silent', main.filename, platform.filename], { cwd: project })
    for (const name of ['@types', 'undici-types']) {
      symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
    }
    await succeeds(t, 'tsc', ['--project', project])
  })
}
