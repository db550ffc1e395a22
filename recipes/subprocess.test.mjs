import assert from 'node:assert/strict'
import test from 'node:test'
import { prepare } from './helpers.mjs'

for (const name of ['execa', 'zx']) {
  test(`${name}: the tree is ended, and the rejection is handled`, async (t) => {
    const { running, start } = await prepare(t, 'End a subprocess of execa or zx')
    const program = start([`${name}.mjs`])
    const code = await program.exit
    assert.deepEqual([code, await program.done], [0, '3\nSIGTERM\n'])
    assert.deepEqual(await running(), [])
  })
}
