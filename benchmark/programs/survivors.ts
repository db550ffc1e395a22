// Runs below pid 1 of a PID namespace: starts a hostile program and lets one killer end it. Prints whether a process of the
// program is alive, as JSON: survivors.ts KILLER PROGRAM
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { canLimitPids } from '../../__test__/helpers/pid-limit.ts'
import { within } from '../../__test__/helpers/processes.ts'
import { witnessPipe } from '../../__test__/helpers/witness-pipe.ts'
import { isAliveAtRest } from '../rest.ts'
import type { KillerName, Program } from '../survivor-cases.ts'
import { killerOf } from '../survivor-killers.ts'

export interface Trial {
  isAlive: boolean
  report?: string
}

/** Pid 1 may reap too slowly for programs that fork without pause. Their zombies must not use up the pids of the machine. */
const PID_MAX = '12000'

const [name, json] = process.argv.slice(2) as [KillerName, string]
const program = JSON.parse(json) as Program
if (canLimitPids()) writeFileSync('/proc/sys/kernel/pid_max', PID_MAX)
const { launch, kill } = await killerOf(name)
const pipe = witnessPipe()
// The leash, descriptor 3, is not closed during a trial.
const child = launch(program.file, program.args, {
  detached: program.detached,
  stdio: ['pipe', 'pipe', 'inherit', 'pipe', pipe.writer],
})
pipe.closeWriter()
await within(ready(child), `the start of ${program.what}`)

const report = await reportOf()
const isAlive = await isAliveAtRest(program.file, pipe.hasWriters)
const trial: Trial = { isAlive, ...(report === undefined ? {} : { report }) }
writeFileSync(1, JSON.stringify(trial))
// All survivors die with the namespace.
process.exit()

async function reportOf(): Promise<string | undefined> {
  try {
    return await kill(child.pid!, child)
  } catch (error) {
    return `error: ${(error as Error).message}`
  }
}

async function ready({ stdout }: ChildProcess): Promise<void> {
  let lines = 0
  for await (const _ of createInterface(stdout!)) if (++lines === program.lines) break
  if (lines < program.lines) throw new Error(`${program.what} could not start`)
}
