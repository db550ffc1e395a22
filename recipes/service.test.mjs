import assert from 'node:assert/strict'
import test from 'node:test'
import { gone, isRunning, prepare } from './helpers.mjs'

const heading = 'Pass SIGTERM on, and force at the second one'

test('SIGTERM: the first one is polite', async (t) => {
  const { running, start } = await prepare(t, heading)
  const command = `trap 'echo bye; exit 5' TERM; sleep 600 & echo ready; wait`
  const program = start(['service.mjs', 'sh', '-c', command])
  await program.says(/ready/)
  const processes = await running()
  program.child.kill('SIGTERM')
  assert.equal(await program.exit, 5)
  assert.equal(await program.done, 'ready\nbye\n')
  await gone(processes)
})

test('SIGTERM: the second one forces', async (t) => {
  const { running, start } = await prepare(t, heading)
  const command = `trap 'echo no' TERM; sleep 600 & echo ready; while :; do sleep 0.1; done`
  const program = start(['service.mjs', 'sh', '-c', command])
  await program.says(/ready/)
  program.child.kill('SIGTERM')
  await program.says(/no/)
  const processes = await running()
  assert.deepEqual(await Promise.all(processes.slice(0, 2).map(isRunning)), [true, true])
  program.child.kill('SIGTERM')
  assert.equal(await program.exit, 137)
  await gone(processes)
})

test('SIGTERM: a command that does not exist is no crash', async (t) => {
  const { start } = await prepare(t, heading)
  const program = start(['service.mjs', 'no-such-command'])
  assert.equal(await program.exit, 1)
  assert.match(await program.done, /^spawn no-such-command ENOENT\n$/)
})
