import type { Grid } from './results.ts'
import { column, figure, lines } from './table.ts'

/** Formats a grid: its title, and its rows as aligned columns. */
export function grid({ title, unit, columns, rows }: Grid): string {
  const cells = (index: number) =>
    rows.map((row) => row.cells[index]).map((cell) => (cell ? figure(cell.value, unit) : '-'))
  const all = [
    column(
      '',
      rows.map(({ what }) => what),
      'padEnd',
    ),
    ...columns.map((head, index) => column(head, cells(index))),
  ]
  return `  ${title}\n${lines(all)}`
}
