import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn as nodeSpawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { contained, KillError, KillTarget, spawn, terminate, type Termination } from 'killtarget'
import { within } from './within.ts'

/** What becomes of a process. */
export interface Fate {
  pid: number
  alive: boolean
}

/** The same, done with Node's `spawn` and with that of this package. All of it is checked. */
export type Containment =
  { skipped: string } | { daemon: Sides<Fate & { proof: Termination['proof'] }>; killedHost: Sides<Fate> }

export interface Sides<T> {
  node: T
  killtarget: T
}

/** A shell with a daemon, which is an orphan in a session of its own. Both exit by themselves. */
const daemonized = `setsid -f sh -c 'echo $$; exec sleep 60'; exec sleep 60`
const host = fileURLToPath(new URL('host.mjs', import.meta.url))

/** Terminates a program that has started a daemon, and kills a host, with and without a guard. */
export async function contain(): Promise<Containment> {
  const reason = refusal()
  if (reason !== undefined) return { skipped: reason }
  const daemon = { node: await endDaemon(nodeSpawn), killtarget: await endDaemon(spawn) }
  assert.deepEqual([daemon.node.alive, daemon.killtarget.alive], [true, false], 'Only a contained daemon is ended')
  assert.equal(daemon.killtarget.proof, 'reaper')
  const killedHost = { node: await killHost('plain'), killtarget: await killHost('contained') }
  const survived = [killedHost.node.alive, killedHost.killtarget.alive]
  assert.deepEqual(survived, [true, false], 'Only a contained program exits with its host')
  return { daemon, killedHost }
}

function refusal(): string | undefined {
  try {
    contained('true')
    return undefined
  } catch (error) {
    if (error instanceof KillError && error.code === 'ERR_GUARD_NOT_FOUND') return error.message
    throw error
  }
}

type Start = (file: string, args: string[], options: object) => ChildProcess

async function endDaemon(start: Start): Promise<Fate & { proof: Termination['proof'] }> {
  const child = start('sh', ['-c', daemonized], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  using daemon = KillTarget.fromPid(await within('The start of the daemon', firstNumber(child)))
  const { outcome, survivors, proof } = await within('The end of the tree', terminate(child))
  assert.deepEqual({ outcome, survivors }, { outcome: 'exited', survivors: [] })
  const alive = daemon.isAlive()
  daemon.signal('SIGKILL')
  return { pid: daemon.pid, alive, proof }
}

async function killHost(mode: 'plain' | 'contained'): Promise<Fate> {
  const child = nodeSpawn(process.execPath, [host, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  using program = KillTarget.fromPid(await within('The start of the host', firstNumber(child)))
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await within('The end of the host', exit)
  if (mode === 'contained') await within('The end of the program', program.exited())
  const alive = program.isAlive()
  program.signal('SIGKILL')
  return { pid: program.pid, alive }
}

async function firstNumber(child: ChildProcess): Promise<number> {
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return Number(line)
}
