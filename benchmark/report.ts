import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, release, type } from 'node:os'
import { grid } from './grid.ts'
import type { Report } from './results.ts'
import { table } from './table.ts'
import { markdown, tally } from './tally.ts'

/** Prints a report, and writes it with the machine's versions to `results/NAME.json`. */
export function publish(name: string, report: Report): void {
  const parts = [`${name}: ${report.title}`, ...(report.grids ?? []).map(grid)]
  if (report.rows.length > 0) parts.push(table(report))
  if (report.tally) parts.push(tally(report.tally), markdown(report.tally))
  console.log(parts.join('\n\n') + '\n')
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
