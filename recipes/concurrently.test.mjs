import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { gone, prepare, until } from './helpers.mjs'

test('concurrently: a command that fails ends the others, also one that ignores SIGTERM', async (t) => {
  const { directory, running, start } = await prepare(t, 'End the commands of concurrently')
  const stubborn = `trap "" TERM; sleep 600 & touch started; while :; do sleep 0.1; done`
  const failing = 'until [ -e fail ]; do sleep 0.05; done; exit 3'
  const program = start(['concurrently.mjs', stubborn, failing])
  await until(() => existsSync(join(directory, 'started')))
  const processes = await running()
  await writeFile(join(directory, 'fail'), '')
  assert.equal(await program.exit, 0)
  const output = await program.done
  assert.ok(output.includes(`${stubborn} SIGKILL\n`), output)
  assert.ok(output.includes(`${failing} 3\n`), output)
  await gone(processes)
  assert.deepEqual(await running(), [])
})
