import { readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { execa } from 'execa'
import type { Manifest } from '../../scripts/packages/pack.mjs'

const root = new URL('../../', import.meta.url)

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8')) as Manifest
}

const main = manifestOf('.')
const treeKill = manifestOf('packages/tree-kill')
const platforms = readdirSync(new URL('npm', root)).map((name) => manifestOf(`npm/${name}`))

test('all npm packages have one version', (t) => {
  for (const { name, version } of [...platforms, treeKill]) t.is(version, main.version, name)
  t.deepEqual(treeKill.dependencies, { killtarget: main.version })
})

test('the crates have the version of the npm packages', async (t) => {
  const { stdout } = await execa('cargo', ['metadata', '--format-version=1', '--no-deps', '--offline'])
  const { packages } = JSON.parse(stdout) as { packages: Manifest[] }
  t.true(packages.length > 0)
  for (const { name, version } of packages) t.is(version, main.version, name)
})

// GitHub sets both variables in a workflow.
const tag = process.env['GITHUB_REF_TYPE'] === 'tag' ? process.env['GITHUB_REF_NAME'] : undefined
if (tag !== undefined) {
  test('the tag is the version', (t) => {
    t.is(tag, `v${main.version}`)
  })
}

test('the package has no dependencies, so that users install nothing else', (t) => {
  t.deepEqual(main.dependencies, undefined)
})

test('the package runs no script at installation', (t) => {
  const scripts = Object.keys(main.scripts ?? {})
  t.deepEqual(
    scripts.filter((name) => /install|prepare|prepublish/.test(name)),
    [],
  )
})
