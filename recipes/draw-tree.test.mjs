import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { prepare } from './helpers.mjs'

test('tree: it is drawn with its commands', async (t) => {
  const { start, mark } = await prepare(t, 'Draw a tree of processes')
  const env = { ...process.env, ...mark }
  const child = spawn('sh', ['-c', 'sleep 601 & echo $!; wait'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [data] = await once(child.stdout, 'data')
  const program = start(['draw-tree.mjs', String(child.pid)])
  assert.equal(await program.exit, 0)
  const lines = [`${child.pid} sh -c sleep 601 & echo $!; wait`, `└─ ${String(data).trim()} sleep 601`]
  assert.equal(await program.done, `${lines.join('\n')}\n`)
})
