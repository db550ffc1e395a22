import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { gone, isRunning, prepare, until } from './helpers.mjs'

test('dev server: each run ends the server of the last one, and starts another', async (t) => {
  const { directory, running, start } = await prepare(t, 'Find a dev server again after a restart of the tool')
  const scripts = { dev: 'echo server; sleep 600 & sleep 600' }
  await writeFile(join(directory, 'package.json'), JSON.stringify({ scripts }))
  /** Runs the tool, and returns the processes that it has started, once all of them run. */
  const runTool = async (says, count) => {
    const program = start(['dev-server.mjs'])
    assert.equal(await program.exit, 0)
    assert.equal(await program.done, says)
    await until(
      async () => (await readFile(join(directory, 'dev-server.log'), 'utf8')).split('server\n').length > count,
    )
    return until(async () => {
      const found = await running()
      return found.length >= 4 && found // npm, its shell, two sleeps
    })
  }
  const first = await runTool('', 1)
  const second = await runTool('exited\n', 2)
  await gone(first)
  assert.deepEqual(
    await Promise.all(second.map(isRunning)),
    second.map(() => true),
  )
  const third = await runTool('exited\n', 3)
  await gone(second)
  assert.deepEqual(
    await Promise.all(third.map(isRunning)),
    third.map(() => true),
  )
})
