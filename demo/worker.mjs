// A part of the task: has something to do for as long as nobody ends it.
import { createHash } from 'node:crypto'

// The other end of stdin is the demonstration's: however that ends, this ends with it.
process.stdin.resume().on('end', () => process.exit())

let digest = 'work'
setInterval(() => (digest = createHash('sha256').update(digest).digest('hex')), 10)
console.log(`worker ${process.pid}`)
