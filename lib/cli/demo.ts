import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import {
  descendants,
  exited,
  formatTree,
  KillTarget,
  type ProcessInfo,
  spawn as contain,
  terminate,
} from '../../index.js'
import { EXIT, type ExitCode } from './exit-code.js'
import { coloured } from './output.js'
import { usage } from './usage.js'

/** A server that ignores SIGTERM, below a shell. It waits for a request by descriptor 3, so it exits at the latest with this process. */
const SERVER = `sh -c 'trap "" TERM; echo ready; read request <&3' & wait`

/** A daemon: it has a session of its own, and its parent exits. macOS has no setsid(1). */
const DAEMON = `
  sleep 60 &
  if command -v setsid > /dev/null; then setsid sh -c 'sleep 60 &'
  else perl -MPOSIX -e 'fork and exit; setsid; exec "sleep", 60'; fi
  echo ready
  wait`

/** `killtarget demo`: shows what the package does, on processes of its own. */
export async function demo(args: readonly string[]): Promise<ExitCode> {
  if (args.length > 0) throw usage('Expected no arguments. See `killtarget demo --help`.')
  if (process.platform === 'win32' || spawnSync('sh', ['-c', ':']).status !== 0) {
    console.error('killtarget demo: needs a shell of Unix.')
    return EXIT.refused
  }
  title('A shell has started a server that ignores SIGTERM')
  const first = await started()
  const found = descendants(first, { self: true })
  console.log(formatTree(found))

  title('process.kill(pid) ends the shell alone')
  process.kill(first.pid!)
  await exited(first)
  const left = found.filter(isAlive)
  console.log(formatTree(left))
  for (const each of left) await terminate(each, { grace: 0 })

  title('terminate(child) ends all of it')
  const { outcome, ended, elapsed, survivors } = await terminate(await started(), { grace: 500 })
  console.log(`${outcome}, ${ended} ended in ${Math.round(elapsed)} ms, ${survivors.length} survivors`)

  title('spawn() of killtarget holds a daemon, too')
  const contained = contain('sh', ['-c', DAEMON])
  await once(contained.stdout, 'data')
  console.log(formatTree(await withDaemon(contained)))
  const report = await terminate(contained, { grace: 500 })
  console.log(`${report.outcome}, ${report.survivors.length} survivors. The proof: ${report.proof}`)
  return EXIT.over
}

/** Starts the shell, and waits until the server ignores SIGTERM. */
async function started(): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', SERVER], { detached: true, stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
  await once(child.stdout!, 'data')
  return child
}

/** Returns what runs once the daemon is one, or what runs after a second. */
async function withDaemon(child: ChildProcess): Promise<ProcessInfo[]> {
  const end = performance.now() + 1000
  for (;;) {
    const found = descendants(child)
    if (found.filter(({ name }) => name === 'sleep').length === 2 || performance.now() > end) return found
    await setTimeout(5)
  }
}

/** Returns whether a process lives that was found before. Its token makes sure that it is the same. */
function isAlive({ token }: ProcessInfo): boolean {
  if (token === null) return false
  const target = KillTarget.fromToken(token)
  try {
    return target.isAlive()
  } finally {
    target.close()
  }
}

function title(text: string): void {
  console.log(`\n${coloured(process.stdout, 'green', text)}`)
}
