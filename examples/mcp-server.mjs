// A stdio server of MCP that answers pings. The arguments say how it behaves when it is shut down.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const behaviour = process.argv.slice(2)
const helper = fileURLToPath(new URL('helper.mjs', import.meta.url))

if (behaviour.includes('ignore-sigterm')) process.on('SIGTERM', () => {})

// Descriptor 3 comes from the example, and is closed when that is over: however it ends, this does not outlive it.
new Socket({ fd: 3 }).resume().on('close', () => process.exit())

if (behaviour.includes('helper')) {
  // It stays in the process group of the server, and is given descriptor 3.
  const started = fork(helper, behaviour, { stdio: ['ignore', 'ignore', 'inherit', 3, 'ipc'] })
  await once(started, 'message')
}

const requests = createInterface({ input: process.stdin })
requests.on('line', (line) => console.log(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(line).id, result: {} })))
// The client has closed the other end of stdin: that is the shutdown.
if (!behaviour.includes('ignore-eof')) requests.on('close', () => process.exit())
