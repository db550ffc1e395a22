// A part of the task: has something to do for as long as nobody ends it, and does not let itself be asked to stop.
import { createHash } from 'node:crypto'

// The other end of stdin is the demonstration's: however that ends, this ends with it.
process.stdin.resume().on('end', () => process.exit())
process.on('SIGTERM', () => {})

let digest = 'work'
setInterval(() => (digest = createHash('sha256').update(digest).digest('hex')), 10)
console.log(`worker ${process.pid}`)
