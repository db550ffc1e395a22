// A process that the servers and tasks of these examples start, such as a browser or a file watcher. It runs until it is
// terminated.
import { Socket } from 'node:net'

if (process.argv.includes('ignore-sigterm')) process.on('SIGTERM', () => {})

// Only for this example: descriptor 3 is a pipe from the example. It closes when the example exits, however that happens.
new Socket({ fd: 3 }).resume().on('close', () => process.exit())

// The callback ignores the error of a parent that has exited in the meantime.
process.send('ready', () => {})
