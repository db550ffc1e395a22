import assert from 'node:assert/strict'
import test from 'node:test'
import { prepare } from './helpers.mjs'

test('node-pty: the shell and its background jobs are ended', async (t) => {
  const { running, start } = await prepare(t, 'End what runs in a terminal of node-pty')
  const program = start(['terminal.mjs'])
  const code = await program.exit
  const output = await program.done
  assert.equal(code, 0, output)
  assert.match(output, /exited 3\r?\n$/)
  assert.deepEqual(await running(), [])
})
