import { readFileSync } from 'node:fs'
import { inNamespace, noPidNamespace } from '../__test__/helpers/namespace.ts'
import type { Trial } from './programs/survivors.ts'
import type { Count, Report } from './results.ts'
import { subreaper } from './subreaper.ts'
import { applies, KILLERS, type KillerName, type Program, programs } from './survivor-cases.ts'

const TRIALS = 20
/** Trials side by side. Much of each is the start of Node. */
const LANES = 2
const ATTEMPTS = 5
/** Milliseconds for one trial on a busy machine. */
const TIMEOUT = 120_000

type Results = Map<Program, Map<KillerName, Trial[]>>

const names = Object.keys(KILLERS) as KillerName[]

/** Counts after how many kills a process of a hostile program is alive. */
export async function survivors(trials = TRIALS): Promise<Report> {
  if (noPidNamespace !== null) throw new Error(`Hostile programs need a PID namespace: ${noPidNamespace}`)
  const all = programs()
  const results: Results = new Map(all.map((program) => [program, new Map(names.map((name) => [name, []]))]))
  const queue = turns(all, trials)
  // SIGINT ends the measurement: what has been counted is published.
  const stop = () => void queue.splice(0)
  process.once('SIGINT', stop)
  const lane = async () => {
    for (let turn = queue.shift(); turn; turn = queue.shift()) {
      const [program, name] = turn
      results
        .get(program)!
        .get(name)!
        .push(await runTrial(name, program))
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  process.off('SIGINT', stop)
  const versions = Object.fromEntries(names.map((name) => [name, versionOf(name)]))
  return {
    title: 'hostile programs of which a process is alive after SIGKILL by each package',
    rows: [],
    versions,
    tally: {
      title: 'Trials with survivors',
      columns: names.map((name) => labelOf(name, versions[name]!)),
      rows: all.map((program) => ({
        what: program.what,
        counts: names.map((name) => countOf(results.get(program)!.get(name)!)),
      })),
    },
  }
}

/** Every killer has a turn in each round. The order is reversed from one round to the next. */
function turns(all: Program[], trials: number): [Program, KillerName][] {
  const round = all.flatMap((program) =>
    names.filter((name) => applies(name, program)).map((name): [Program, KillerName] => [program, name]),
  )
  return Array.from({ length: trials }, (_, index) => (index % 2 === 0 ? round : round.toReversed())).flat()
}

/** On a busy machine a process may not start. A trial that could not begin is no trial. */
async function runTrial(name: KillerName, program: Program): Promise<Trial> {
  const args = [name, JSON.stringify(program)]
  // Pid 1 does nothing but reap.
  const unshare = ['--pid', '--fork', '--mount-proc', ...subreaper(0)]
  for (let attempt = 1; ; attempt++) {
    try {
      return await inNamespace<Trial>('../../benchmark/programs/survivors.ts', { args, timeout: TIMEOUT, unshare })
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      console.error(`Trying again: ${(error as Error).message}`)
    }
  }
}

function countOf(trials: Trial[]): Count {
  if (trials.length === 0) return null
  const reports: Record<string, number> = {}
  for (const { report, isAlive } of trials) {
    if (report === undefined) continue
    const key = `${report}${isAlive ? '; alive' : ''}`
    reports[key] = (reports[key] ?? 0) + 1
  }
  return {
    count: trials.filter(({ isAlive }) => isAlive).length,
    trials: trials.length,
    ...(Object.keys(reports).length > 0 && { reports }),
  }
}

/** Puts the version behind the name of the package. */
function labelOf(name: KillerName, version: string): string {
  return KILLERS[name] === 'node' ? `${name}, Node ${version}` : name.replace(/^[\w-]+/, `$& ${version}`)
}

function versionOf(name: KillerName): string {
  const where = KILLERS[name]
  if (where === 'node') return process.versions.node
  const path = where === 'killtarget' ? '../package.json' : `../node_modules/${where}/package.json`
  return String(JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version)
}
