// Shuts down stdio MCP servers as the specification says: close the server's stdin and wait, send SIGTERM and wait, send
// SIGKILL. Processes that a server has started, such as a browser, are terminated with it.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#shutdown
//
//   node examples/mcp-shutdown.mjs [milliseconds for each step]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { KillTarget } from 'killtarget'

/** Milliseconds. Servers that have to save state need some seconds. */
const grace = Number(process.argv[2] ?? 1000)

const program = fileURLToPath(new URL('mcp-server.mjs', import.meta.url))
const servers = {
  'exits on EOF': [],
  'exits on SIGTERM': ['ignore-eof'],
  'ignores both': ['ignore-eof', 'ignore-sigterm', 'helper'],
  'leaves a helper': ['helper'],
}

async function start(command, args) {
  const child = spawn(command, args, {
    // The server leads a process group, so the processes that it starts can be terminated with it. Ctrl-C in a terminal
    // then signals the client only, which has to shut its servers down.
    detached: true,
    // Only for this example: the fourth pipe closes when this process exits, and with it servers and helpers exit.
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  await once(child, 'spawn') // rejects if there is no such program
  // Ignores the error of writing to a server that has exited.
  child.stdin.on('error', () => {})
  // Opened now, while the pid certainly belongs to the child. From now on it does not matter if the pid is reused.
  return { child, target: KillTarget.fromChild(child) }
}

/** Stands for everything that a client requests from a server. */
async function ping({ child, target }) {
  child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
  const exit = target.exited({ timeout: 10_000 }).then(() => Promise.reject(new Error('It exited before it answered')))
  await Promise.race([once(child.stdout, 'data'), exit])
}

async function shutDown({ child, target }) {
  // One call for all steps, for the server and everything that it has started. It opens all members of the group at once,
  // so it does not matter in which order they exit.
  const terminating = target.terminate({
    scope: 'group',
    steps: [
      { signal: [], grace }, // sends nothing: the end of its stdin, below, asks the server to exit
      { signal: 'SIGTERM', grace }, // for the processes that are still alive
    ],
    killTimeout: grace, // after SIGKILL, which follows the last step
  })
  child.stdin.end()
  const { outcome, status, survivors } = await terminating

  const how = status?.signal ?? `exit code ${status?.code}`
  const alive = survivors.map(({ pid, reason }) => `${pid} (${reason})`).join(', ')
  return `${how}, outcome: ${outcome}, survivors: ${alive || 'none'}`
}

/** Survivors may keep the pipes open. Closing them lets this process exit. */
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
    // Also after an error: no server is left running.
    report = await shutDown(server).finally(() => close(server))
  }
  return report
}

// All at once, as when a client exits. A server that fails does not keep the others from being shut down.
const names = Object.keys(servers)
const reports = await Promise.allSettled(names.map((name) => use(servers[name])))
for (const [index, { status, value, reason }] of reports.entries()) {
  console.log(`${names[index]}: ${status === 'fulfilled' ? value : reason}`)
  if (status === 'rejected') process.exitCode = 1
}
