// What the servers and the tasks of these examples start: a browser, a watcher. It runs until it is ended.
import { Socket } from 'node:net'

if (process.argv.includes('ignore-sigterm')) process.on('SIGTERM', () => {})

// Descriptor 3 comes from the example, and is closed when that is over: however it ends, this does not outlive it.
new Socket({ fd: 3 }).resume().on('close', () => process.exit())

// With a callback, since who has started this may have ended meanwhile: that is no error here.
process.send('ready', () => {})
