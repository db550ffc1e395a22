// The shutdown of an MCP client for stdio servers, as the specification has it: close the server's stdin and wait, then
// SIGTERM and wait, then SIGKILL. What a server has started, such as a browser, ends with it.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#shutdown
//
//   node examples/mcp-shutdown.mjs [milliseconds for each step]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { KillTarget } from 'killtarget'

/** Servers that have something to save need some seconds. */
const grace = Number(process.argv[2] ?? 1000)

const program = fileURLToPath(new URL('mcp-server.mjs', import.meta.url))
const servers = {
  good: [],
  deaf: ['ignore-eof'],
  stubborn: ['ignore-eof', 'ignore-sigterm', 'helper'],
  untidy: ['helper'],
}

async function start(command, args) {
  const child = spawn(command, args, {
    // The server leads a process group of its own: by that, what it starts can be ended with it. Ctrl-C at a terminal
    // then signals the client only, which has to shut its servers down.
    detached: true,
    // The fourth is of this example only: servers and helpers that are still there end when this process does.
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  await once(child, 'spawn') // rejects where there is no such program
  // A server that has ended can't be written to, which is not to be an uncaught error.
  child.stdin.on('error', () => {})
  // Now, while the pid is the child's for certain. From here on it does not matter who has that number.
  return { child, target: KillTarget.fromChild(child) }
}

/** Stands for all that a client asks a server for. */
async function ping({ child, target }) {
  child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
  const ended = target.exited({ timeout: 10_000 }).then(() => Promise.reject(new Error('It ended before it answered')))
  await Promise.race([once(child.stdout, 'data'), ended])
}

async function shutDown({ child, target }) {
  // All of the ladder in one call, for the server and whatever it has started. It begins before the first step does: who
  // is in the group is held from then on, so it does not matter who ends when, and who reaps whom.
  const ending = target.terminate({
    scope: 'group',
    steps: [
      { signal: [], grace }, // nothing is sent: the end of its input, below, tells the server to exit
      { signal: 'SIGTERM', grace }, // to whoever is left: a server that is deaf to that, or its helpers
    ],
    timeout: grace, // SIGKILL follows the last step; whoever lives on after that is named
  })
  child.stdin.end()
  const { outcome, exit, survivors } = await ending

  const how = exit?.signal ?? `exit code ${exit?.code}`
  const left = survivors.map(({ pid, reason }) => `${pid} (${reason})`).join(', ')
  return `${how}, outcome: ${outcome}, survivors: ${left || 'none'}`
}

/** Survivors may hold the other ends of the pipes. They are not to keep this process from ending. */
function close({ child, target }) {
  for (const stream of child.stdio) stream?.destroy()
  target.close()
}

async function use(behaviour) {
  const server = await start(process.execPath, [program, ...behaviour])
  let report
  try {
    await ping(server)
  } finally {
    // Whatever has happened, no server is left behind.
    report = await shutDown(server).finally(() => close(server))
  }
  return report
}

// All at once, as at the end of a client. One that fails does not keep the others from being shut down.
const names = Object.keys(servers)
const reports = await Promise.allSettled(names.map((name) => use(servers[name])))
for (const [index, { status, value, reason }] of reports.entries()) {
  console.log(`${names[index]}: ${status === 'fulfilled' ? value : reason}`)
  if (status === 'rejected') process.exitCode = 1
}
