// Starts a server that puts a helper into the background, as a daemon. Nothing of it is left when this process ends, in
// whatever way. Linux only.
//
//   node examples/contained-server.mjs [seconds that the server runs]
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { descendants, spawn } from 'killtarget'

const seconds = Number(process.argv[2] ?? 0)

// The helper has a session of its own, and its parent exits at once: nothing in the system leads from the server to it.
const script = '(setsid sleep 3600 &); echo ready; exec sleep 3600'

const server = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
await once(server.stdout, 'data') // rejects if the server cannot be started
console.log(`contained: ${server.target.contained}, processes: ${descendants(server).length}`)

await sleep(seconds * 1000)

const { outcome, ended, survivors, proof } = await server.target.terminate({ grace: 1000 })
console.log(`outcome: ${outcome}, terminated: ${ended}, survivors: ${survivors.length}, proof: ${proof}`)
