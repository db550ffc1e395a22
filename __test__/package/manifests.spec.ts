import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

/** The folders of all packages. */
const folders = ['.', 'packages/tree-kill', ...readdirSync(new URL('npm', root)).map((name) => `npm/${name}`)]

const REPOSITORY = 'https://github.com/killtarget/killtarget'

// npm refuses a package with provenance unless its manifest names the repository that the workflow runs in.
test('each package says where its source, its issues and its license are', (t) => {
  for (const folder of folders) {
    const { repository, homepage, bugs, license } = manifestOf(folder)
    const directory = folder === '.' ? {} : { directory: folder }
    t.deepEqual(repository, { type: 'git', url: `git+${REPOSITORY}.git`, ...directory }, folder)
    t.is(homepage, `${REPOSITORY}#readme`, folder)
    t.deepEqual(bugs, { url: `${REPOSITORY}/issues` }, folder)
    t.is(license, 'MIT', folder)
    t.true(existsSync(new URL(`${folder}/LICENSE`, root)), folder)
  }
})

test('the links of each README work outside of the repository, and lead to files that exist', (t) => {
  for (const folder of folders) {
    const text = readFileSync(new URL(`${folder}/README.md`, root), 'utf8')
    const links = Array.from(
      text.matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g),
      ([, link, other]) => link ?? other!,
    )
    t.deepEqual(
      links.filter((link) => !/^(https:|#)/.test(link)),
      [],
      folder,
    )
    const bases = [`${REPOSITORY}/blob/main/`, 'https://raw.githubusercontent.com/killtarget/killtarget/main/']
    for (const link of links) {
      const base = bases.find((start) => link.startsWith(start))
      if (base !== undefined) t.true(existsSync(new URL(link.slice(base.length).split('#')[0]!, root)), link)
    }
  }
})

// A program cannot be executed inside a zip.
test('Plug’n’Play unpacks the packages for the platforms, which hold a guard', (t) => {
  for (const { name, files, preferUnplugged } of platforms) {
    t.true(
      files!.some((file) => file.startsWith('killtarget-guard')),
      name,
    )
    t.is(preferUnplugged, true, name)
  }
})

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
