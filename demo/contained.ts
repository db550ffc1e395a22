import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { contained, KillTarget, terminate, type Termination } from 'killtarget'
import { type Launch, startCommand } from './command.ts'
import { within } from './within.ts'

/** What became of a daemon when what had started it was ended. */
export interface Ending {
  daemon: number
  /** Whether the daemon was alive when the contained one had exited. */
  alive: boolean
}

/** The same two ends, without and with a guard. */
export interface Endings {
  terminated: Record<Launch, Ending & Pick<Termination, 'outcome' | 'ended' | 'proof'>>
  hostKilled: Record<Launch, Ending>
}

/** What happened, all of it checked, or why it cannot be shown here. */
export type Containment = Endings | { skipped: string }

/** What has started a daemon, and the daemon. */
interface Started {
  child: ChildProcess
  daemon: KillTarget
}

const host = fileURLToPath(new URL('./host.ts', import.meta.url))

/** Terminates commands that have started a daemon, then kills hosts of such commands. */
export async function endDaemons(): Promise<Containment> {
  const skipped = refusal()
  if (skipped !== undefined) return { skipped }
  const facts = {
    terminated: await compare(startHere, async (child) => {
      const { outcome, ended, proof } = await within('The end of the command', terminate(child))
      return { outcome, ended, proof }
    }),
    hostKilled: await compare(startHost, async (child) => {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await within('The end of the host', exit)
      return {}
    }),
  }
  check(facts)
  return facts
}

/** Returns why nothing can be contained here, or `undefined` if it can. */
function refusal(): string | undefined {
  try {
    contained('true')
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_GUARD_NOT_FOUND') throw error
    return (error as Error).message
  }
}

/** Detached: the command leads a session, which its daemon has left. */
function startHere(launch: Launch): ChildProcess {
  return startCommand(launch, { detached: true, stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
}

function startHost(launch: Launch): ChildProcess {
  const args = [...process.execArgv, host, launch]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
}

/** Does the same without and with a guard. */
async function compare<T extends object>(
  start: (launch: Launch) => ChildProcess,
  end: (child: ChildProcess) => Promise<T>,
): Promise<Record<Launch, Ending & T>> {
  const children = { plain: start('plain'), contained: start('contained') }
  try {
    const plain = await ready(children.plain)
    const other = await ready(children.contained)
    const results = { plain: await end(plain.child), contained: await end(other.child) }
    await within('The end of the contained daemon', other.daemon.exited())
    return {
      plain: { ...ending(plain), ...results.plain },
      contained: { ...ending(other), ...results.contained },
    }
  } finally {
    // What is alive exits when this pipe closes.
    for (const child of Object.values(children)) child.stdio[3]?.destroy()
  }
}

function ending({ daemon }: Started): Ending {
  const alive = daemon.isAlive()
  daemon.close()
  return { daemon: daemon.pid, alive }
}

/** The daemon prints its pid, and the command a line when the daemon's parent has exited. */
async function ready(child: ChildProcess): Promise<Started> {
  const lines: string[] = []
  await within(
    'The start of the daemon',
    (async () => {
      for await (const line of createInterface({ input: child.stdout! })) if (lines.push(line) === 2) break
    })(),
  )
  const pid = Number(lines.find((line) => /^\d+$/.test(line)))
  assert.ok(pid > 0 && lines.length === 2, 'The daemon starts')
  return { child, daemon: KillTarget.fromPid(pid) }
}

function check({ terminated, hostKilled }: Endings): void {
  assert.equal(terminated.plain.alive, true, 'Without a guard, a daemon escapes a termination')
  assert.notEqual(terminated.plain.proof, 'reaper', 'The report says that a daemon may have escaped')
  assert.equal(terminated.contained.alive, false, 'With a guard, no daemon escapes a termination')
  assert.equal(terminated.contained.proof, 'reaper', 'The report says that no process has escaped')
  assert.equal(hostKilled.plain.alive, true, 'Without a guard, the processes of a killed host run on')
  assert.equal(hostKilled.contained.alive, false, 'With a guard, the processes of a killed host are ended')
}
