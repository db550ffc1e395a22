import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, release, type } from 'node:os'
import { grid } from './grid.ts'
import { table } from './table.ts'

export type Unit = 'ns' | 'µs' | 'ms' | 'bytes' | ''

/** What one line of a benchmark says. */
export interface Row {
  what: string
  unit: Unit
  /** This package's figure. */
  ours: number
  /** The figure of what it is compared with. */
  theirs?: number
  /** How the two compare, and the middle half of what the single rounds gave for that. */
  ratio?: { value: number; middle: [number, number] }
  difference?: { value: number; middle: [number, number] }
  /** What is hoped for. It is shown and never enforced: a machine that is busy proves nothing. */
  target?: string
}

/** Figures of several things side by side, where there is more than one to compare with. */
export interface Grid {
  title: string
  unit: Unit
  columns: string[]
  rows: { what: string; cells: Cell[] }[]
}

/** `null`: it can't be told, or is not measured. */
export type Cell = { value: number; middle: [number, number]; rounds: number } | null

export interface Report {
  title: string
  /** What it is compared with. */
  against?: string
  rows: Row[]
  grids?: Grid[]
}

/** Prints a report and writes it, with what it was measured on, to `results/NAME.json`. */
export function publish(name: string, report: Report): void {
  console.log([`${name}: ${report.title}`, ...(report.grids ?? []).map(grid), table(report)].join('\n\n') + '\n')
  const folder = new URL('./results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const document = { name, date: new Date().toISOString(), machine: machine(), ...report }
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(document, null, 2)}\n`)
}

export function machine() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return {
    killtarget: String(version),
    node: process.versions.node,
    v8: process.versions.v8,
    kernel: `${type()} ${release()}`,
    cpu: `${cpus()[0]?.model.trim()} (${arch()})`,
    cores: cpus().length,
  }
}
