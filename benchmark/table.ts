import type { Report, Row, Unit } from './results.ts'

/** Formats the rows of a report as aligned columns. Columns without a value are left out. */
export function table({ against = '', rows }: Report): string {
  const compared = rows.some(({ ratio }) => ratio) ? 'ratio' : 'difference'
  const columns = [
    column(
      '',
      rows.map(({ what }) => what),
      'padEnd',
    ),
    column(
      'killtarget',
      rows.map(({ ours, unit }) => figure(ours, unit)),
    ),
    column(
      against,
      rows.map(({ theirs, unit }) => (theirs === undefined ? '' : figure(theirs, unit))),
    ),
    column(compared, rows.map(comparison)),
    column(
      'target',
      rows.map(({ target = '' }) => target),
      'padEnd',
    ),
  ]
  return lines(columns)
}

/** Joins columns of the same length. */
export function lines(columns: (string[] | undefined)[]): string {
  const filled = columns.filter((cells) => cells !== undefined)
  return filled[0]!.map((_, line) => `  ${filled.map((cells) => cells[line]!).join('   ')}`.trimEnd()).join('\n')
}

export function column(head: string, cells: string[], pad: 'padStart' | 'padEnd' = 'padStart'): string[] | undefined {
  if (cells.every((cell) => cell === '')) return undefined
  const width = Math.max(head.length, ...cells.map((cell) => cell.length))
  return [head, ...cells].map((cell) => cell[pad](width))
}

function comparison({ ratio, difference, unit }: Row): string {
  if (ratio) return `${factor(ratio.value)} (${ratio.middle.map(factor).join(' to ')})`
  if (difference) return `${figure(difference.value, unit)} (${difference.middle.map(decimal).join(' to ')})`
  return ''
}

export function figure(value: number, unit: Unit): string {
  if (unit === 'ms') return `${decimal(value)} ms`
  return `${Math.round(value).toLocaleString('en')} ${unit}`.trimEnd()
}

function decimal(value: number): string {
  return value.toFixed(2)
}

function factor(value: number): string {
  return value < 0.1 ? value.toPrecision(2) : decimal(value)
}
