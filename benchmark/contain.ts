import { type ChildProcess, spawn as nodeSpawn, type SpawnOptions } from 'node:child_process'
import { spawn, terminate } from 'killtarget'
import { built } from '../__test__/helpers/compile.ts'
import { difference, ratio } from './compare.ts'
import type { Report, Row } from './results.ts'
import { type Kind, type Killer, killTree, stdio } from './trees.ts'
import { inTurns } from './turns.ts'

const STARTS = 300

type Start = (file: string, args: string[], options: SpawnOptions) => ChildProcess

const contained: Start = (file, args, options) => spawn(file, args, options as object)

/** Measures what the guard adds to a start and to an exit, and how fast it kills. */
export async function contain(): Promise<Report> {
  const rows = [...(await starts()), ...(await exits()), ...(await kills())]
  return { title: 'spawn, contained', against: "Node's spawn", rows }
}

/** From the call to the exit of a program that does nothing. */
async function starts(): Promise<Row[]> {
  const sides = {
    ours: () => runTime(contained, '/bin/true', []),
    theirs: () => runTime(nodeSpawn, '/bin/true', []),
    // What a shell in between adds, for comparison.
    shell: () => runTime(nodeSpawn, '/bin/sh', ['-c', '/bin/true; :']),
  }
  const { ours, theirs, shell } = await inTurns(sides, STARTS)
  return [
    difference({ what: 'start to exit of true', unit: 'ms', ours, theirs, target: 'at most 0.5 more' }),
    difference({ what: 'the same by `sh -c`, not contained', unit: 'ms', ours: shell, theirs }),
  ]
}

async function runTime(start: Start, file: string, args: string[]): Promise<number> {
  const begin = performance.now()
  const child = start(file, args, { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
  return performance.now() - begin
}

/** From the last moment of a program to the event. */
async function exits(): Promise<Row[]> {
  const program = built(new URL('./programs/now.c', import.meta.url), 'benchmark/now')
  const sides = { ours: () => tellTime(contained, program), theirs: () => tellTime(nodeSpawn, program) }
  const { ours, theirs } = await inTurns(sides, STARTS)
  return [difference({ what: 'end to the exit event', unit: 'ms', ours, theirs, target: 'at most 0.15 more' })]
}

async function tellTime(start: Start, program: string): Promise<number> {
  const child = start(program, [], { stdio: [...stdio] })
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text))
  const closed = new Promise((resolve) => child.once('close', resolve))
  const told = await new Promise<bigint>((resolve) => child.once('exit', () => resolve(process.hrtime.bigint())))
  await closed
  return Number(told - BigInt(output.trim())) / 1e6
}

const CASES: (Kind & { what: string; rounds: number })[] = [
  { what: '10 processes', shape: 'wide', processes: 10, rounds: 30 },
  { what: '500 wide', shape: 'wide', processes: 500, rounds: 12 },
  { what: 'chain of 500', shape: 'chain', processes: 500, rounds: 8 },
]

const KILLERS = {
  guard: killer(contained, (root) => root.kill('SIGKILL')),
  terminate: killer(contained, (root) => terminate(root, { grace: 0 })),
  group: killer(nodeSpawn, (root) => process.kill(-root.pid!, 'SIGKILL')),
}

function killer(start: Start, kill: Killer['kill']): Killer {
  return { launch: (program, args) => start(program, args, { detached: true, stdio: [...stdio] }), kill }
}

/** From SIGKILL to the death of all processes, against the signal to the process group. */
async function kills(): Promise<Row[]> {
  const rows: Row[] = []
  for (const { what, rounds, ...kind } of CASES) {
    const sides = Object.entries(KILLERS).map(([name, each]) => [name, () => death(kind, each)] as const)
    const {
      guard,
      terminate: asked,
      group,
    } = await inTurns(Object.fromEntries(sides) as Record<keyof typeof KILLERS, () => Promise<number>>, rounds)
    const against = { unit: 'ms', theirs: group, target: 'at most 1.3' } as const
    rows.push(ratio({ what: `${what}: SIGKILL to the guard`, ours: guard, ...against }))
    rows.push(ratio({ what: `${what}: terminate, grace 0`, ours: asked, ...against }))
  }
  return rows
}

async function death(kind: Kind, each: Killer): Promise<number> {
  const { dead } = await killTree(kind, each)
  if (dead === null) throw new Error('Not all processes have died')
  return dead
}
