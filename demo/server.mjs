// A part of the task: answers on a free port of the loopback interface.
import { createServer } from 'node:http'

// The other end of stdin is the demonstration's: however that ends, this ends with it.
process.stdin.resume().on('end', () => process.exit())

const server = createServer((_request, response) => response.end('hello'))
server.listen(0, '127.0.0.1', () => console.log(`server ${process.pid} ${server.address().port}`))
