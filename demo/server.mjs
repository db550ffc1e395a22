// The server of the task: answers on a free port of the loopback interface.
import { createServer } from 'node:http'

// The pipe comes from the demonstration. It closes when the demonstration exits, however that happens.
process.stdin.resume().on('end', () => process.exit())

const server = createServer((_request, response) => response.end('hello'))
server.listen(0, '127.0.0.1', () => console.log(`server ${process.pid} ${server.address().port}`))
