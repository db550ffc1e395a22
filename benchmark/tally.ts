import type { Count, Tally } from './results.ts'
import { column, lines } from './table.ts'

/** Formats a tally: its title, and its rows as aligned columns. */
export function tally({ title, columns, rows }: Tally): string {
  const cell = (count: Count | undefined) => (count ? `${count.count} of ${count.trials}` : '-')
  const all = [
    column(
      '',
      rows.map(({ what }) => what),
      'padEnd',
    ),
    ...columns.map((head, index) =>
      column(
        head,
        rows.map(({ counts }) => cell(counts[index])),
      ),
    ),
  ]
  return `  ${title}\n${lines(all)}`
}

/** Formats a tally as a table in Markdown, with the packages as rows. */
export function markdown({ columns, rows }: Tally): string {
  const cell = (count: Count | undefined) => (count ? `${count.count}/${count.trials}` : '')
  const body = columns.map((name, index) => [name, ...rows.map(({ counts }) => cell(counts[index]))])
  const table = [['', ...rows.map(({ what }) => what)], ...body]
  const widths = table[0]!.map((_, index) => Math.max(3, ...table.map((row) => row[index]!.length)))
  const line = (row: string[]) => `| ${row.map((text, index) => text.padEnd(widths[index]!)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(table[0]!), rule, ...table.slice(1).map(line)].join('\n')
}
