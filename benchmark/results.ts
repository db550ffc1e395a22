export type Unit = 'ns' | 'µs' | 'ms' | 'bytes' | ''

/** The middle half of the values of all rounds: from the first quartile to the third. */
export type MiddleHalf = [number, number]

/** One line of a benchmark's table. */
export interface Row {
  what: string
  unit: Unit
  /** The figure of this package. */
  ours: number
  /** The figure of what it is compared with. */
  theirs?: number
  ratio?: { value: number; middle: MiddleHalf }
  difference?: { value: number; middle: MiddleHalf }
  /** The goal. It is shown and never enforced: on a busy machine a figure proves nothing. */
  target?: string
}

/** Figures of several packages side by side. */
export interface Grid {
  title: string
  unit: Unit
  columns: string[]
  rows: { what: string; cells: Cell[] }[]
}

/** `null` if it was not measured, or is unknown. */
export type Cell = { value: number; middle: MiddleHalf; rounds: number } | null

/** How often something happened. `null` if it was not tried. */
export type Count = {
  count: number
  trials: number
  /** How often the killer reported what. Only if it makes a report, or failed. */
  reports?: Record<string, number>
} | null

/** Counts of several packages side by side. */
export interface Tally {
  title: string
  columns: string[]
  rows: { what: string; counts: Count[] }[]
}

export interface Report {
  title: string
  /** What this package is compared with. */
  against?: string
  rows: Row[]
  grids?: Grid[]
  tally?: Tally
  /** The versions of the packages that this one is compared with. */
  versions?: Record<string, string>
}
