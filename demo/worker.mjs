// The worker of the task: computes without end, and ignores SIGTERM.
import { createHash } from 'node:crypto'

// The pipe comes from the demonstration. It closes when the demonstration exits, however that happens.
process.stdin.resume().on('end', () => process.exit())
process.on('SIGTERM', () => {})

let digest = 'work'
setInterval(() => (digest = createHash('sha256').update(digest).digest('hex')), 10)
console.log(`worker ${process.pid}`)
