import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { gone, prepare, until } from './helpers.mjs'

const heading = 'Run the bash tool of an agent'
/** A command with a daemon, which its parent has left and which has a session of its own. */
const daemon = `(setsid sleep 600 > /dev/null 2>&1 &)`

async function bashTool(t) {
  const recipe = await prepare(t, heading)
  Object.assign(process.env, recipe.mark)
  const { bash } = await import(join(recipe.directory, 'bash-tool.mjs'))
  return { ...recipe, bash }
}

test('bash tool: a command returns its output and exit code, and leaves no daemon', async (t) => {
  const { bash, running } = await bashTool(t)
  const result = await bash(`${daemon}; echo out; echo err >&2; exit 7`)
  assert.match(result.output, /out/)
  assert.match(result.output, /err/)
  assert.deepEqual({ ...result, output: '' }, { output: '', exitCode: 7, timedOut: false, aborted: false })
  assert.deepEqual(await running(), [])
})

test('bash tool: the output is cut', async (t) => {
  const { bash } = await bashTool(t)
  const { output } = await bash('head -c 1000000 /dev/zero | tr "\\0" x', { maxLength: 1000 })
  assert.equal(output, 'x'.repeat(1000))
})

test('bash tool: a time-out ends the command, which ignores SIGTERM, and its daemon', async (t) => {
  const { bash, running } = await bashTool(t)
  const result = await bash(`trap '' TERM; ${daemon}; echo out; sleep 600`, { timeout: 1000 })
  assert.equal(result.timedOut, true)
  assert.equal(result.aborted, false)
  assert.equal(result.output, 'out\n')
  assert.deepEqual(await running(), [])
})

test('bash tool: an abort ends the command and its daemon', async (t) => {
  const { bash, running, directory } = await bashTool(t)
  const controller = new AbortController()
  const ready = join(directory, 'ready')
  const result = bash(`${daemon}; touch ${ready}; sleep 600; :`, { signal: controller.signal })
  await until(() => existsSync(ready))
  const processes = await running()
  assert.ok(processes.length >= 2, 'the shell and the daemon run')
  controller.abort()
  const { aborted, exitCode } = await result
  assert.deepEqual({ aborted, exitCode }, { aborted: true, exitCode: 143 })
  await gone(processes)
})
