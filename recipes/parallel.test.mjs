import assert from 'node:assert/strict'
import test from 'node:test'
import { prepare } from './helpers.mjs'

const heading = 'Run tasks in parallel, and stop all when one fails'
const server = 'sleep 600 & (setsid sleep 600 &) ; touch started; wait'
const failing = 'until [ -e started ]; do sleep 0.05; done; exit 3'

test('parallel: a task that fails stops the others, with progress', async (t) => {
  const { running, start } = await prepare(t, heading)
  const program = start(['parallel.mjs', server, failing])
  assert.equal(await program.exit, 1)
  const output = await program.done
  assert.ok(output.includes(`${server} SIGTERM\n`), output)
  assert.ok(output.includes(`${server} 0 left\n`), output)
  assert.ok(output.endsWith(`stopped: ${server}\n3: ${failing}\n`), output)
  assert.deepEqual(await running(), [])
})

test('parallel: tasks that succeed are left to their end', async (t) => {
  const { running, start } = await prepare(t, heading)
  const program = start(['parallel.mjs', 'true', 'sleep 0.2'])
  assert.equal(await program.exit, 0)
  assert.equal(await program.done, '0: true\n0: sleep 0.2\n')
  assert.deepEqual(await running(), [])
})
