import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { gone, prepare } from './helpers.mjs'

const cli = fileURLToPath(new URL('../cli.js', import.meta.url))

/** A server by the official SDK, with a helper that outlives the end of the input. It tells its processes when asked for its tools. */
const server = `
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
const helper = spawn('sleep', ['600'], { stdio: 'ignore' })
const server = new Server({ name: 'test', version: '1.0.0' }, { capabilities: { tools: {} } })
const identify = (pid) => ({ pid, start: readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[19] })
const tell = () => console.error('processes', JSON.stringify([process.pid, helper.pid].map(identify)), '.')
const hangs = process.argv[2] === 'hang'
server.setRequestHandler(ListToolsRequestSchema, () => {
  tell()
  return hangs ? new Promise(() => {}) : { tools: [{ name: 'greet', inputSchema: { type: 'object' } }] }
})
await server.connect(new StdioServerTransport())
if (process.argv[2] === 'tell') tell()
if (!hangs) process.stdin.on('end', () => process.exit())
`

async function client(t, wrap, ...argv) {
  const recipe = await prepare(t, 'Run an MCP server')
  const file = join(recipe.directory, 'server.mjs')
  await writeFile(file, server)
  const program = recipe.start(['mcp-client.mjs', ...wrap(process.execPath, file), ...argv])
  const [, processes] = await program.says(/processes (.*) \./)
  return { recipe, program, processes: recipe.note(JSON.parse(processes)) }
}

test('MCP: the client lists the tools, and ends the server behind a shell, with its helper', async (t) => {
  const { program, processes } = await client(t, (...command) => ['sh', '-c', '"$@"; :', 'sh', ...command])
  assert.equal(await program.exit, 0)
  assert.match(await program.done, /\[ 'greet' \]\n(exited|killed)\n/)
  await gone(processes)
})

test('MCP: a client that gets SIGKILL takes the server and its helper along', async (t) => {
  const { program, processes } = await client(t, (...command) => ['sh', '-c', '"$@"; :', 'sh', ...command], 'hang')
  program.child.kill('SIGKILL')
  assert.equal(await program.exit, 'SIGKILL')
  await gone(processes)
})

test('MCP: `killtarget run` of the configuration ends the server with its client', async (t) => {
  const recipe = await prepare(t, 'Run an MCP server')
  await writeFile(join(recipe.directory, 'server.mjs'), server)
  const { command, args } = recipe.json.mcpServers['my-server']
  assert.deepEqual([command, ...args.slice(0, 2)], ['npx', '-y', 'killtarget'])
  // In place of npx, as the package is this one. In place of the server's name, a server.
  const run = [cli, ...args.slice(2, -1), process.execPath, 'server.mjs', 'tell']
  const program = recipe.start(run)
  const [, told] = await program.says(/processes (.*) \./)
  const processes = recipe.note(JSON.parse(told))
  program.child.stdin.end() // the client has exited
  await gone(processes)
  await program.exit
})
