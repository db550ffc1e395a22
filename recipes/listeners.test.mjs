import assert from 'node:assert/strict'
import test from 'node:test'
import { gone, identify, isRunning, prepare } from './helpers.mjs'

const server = `
  require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' })
  const server = require('node:http').createServer().listen(0, () => console.log('port', server.address().port, '.'))
  setTimeout(() => process.exit(), 600_000)`

test('port: what listens is ended with its tree, and nothing else', async (t) => {
  const { running, start } = await prepare(t, 'End what listens on a port')
  const first = start(['-e', server])
  const [, port] = await first.says(/port (\d+) \./)
  const processes = await running()
  assert.equal(processes.length, 2)
  const other = start(['-e', server])
  await other.says(/port (\d+) \./)

  const program = start(['free-port.mjs', port])
  assert.equal(await program.exit, 0)
  assert.match(await program.done, new RegExp(`^${first.child.pid} .*node -e.*\nexited\n$`))
  await gone(processes)
  assert.equal(await isRunning(await identify(other.child.pid)), true)

  const again = start(['free-port.mjs', port])
  assert.equal(await again.exit, 0)
  assert.equal(await again.done, '')
})
