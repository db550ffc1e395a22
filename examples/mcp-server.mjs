// A stdio MCP server that answers pings. Its arguments say how it behaves on shutdown.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const behaviour = process.argv.slice(2)
const helper = fileURLToPath(new URL('helper.mjs', import.meta.url))

if (behaviour.includes('ignore-sigterm')) process.on('SIGTERM', () => {})

// Only for this example: descriptor 3 is a pipe from the example. It closes when the example exits, however that happens.
new Socket({ fd: 3 }).resume().on('close', () => process.exit())

if (behaviour.includes('helper')) {
  // The helper stays in the server's process group and inherits descriptor 3.
  const started = fork(helper, behaviour, { stdio: ['ignore', 'ignore', 'inherit', 3, 'ipc'] })
  await once(started, 'message')
}

const requests = createInterface({ input: process.stdin })
requests.on('line', (line) => console.log(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(line).id, result: {} })))
// The client shuts the server down by closing its stdin.
if (!behaviour.includes('ignore-eof')) requests.on('close', () => process.exit())
