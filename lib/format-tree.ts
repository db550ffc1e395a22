import { mapElements, outOfRange, pick, pickOptions, wrongType } from './arguments.js'
import { printable } from './printable.js'
import type { ProcessInfo } from './process-info.js'

/** Options for `formatTree`. */
export interface FormatTreeOptions {
  /**
   * The columns of a line. What is longer is cut. `Infinity` cuts nothing.
   *
   * @default the width of the terminal, if standard output is one; otherwise 132, as `pstree(1)` has it
   */
  width?: number | undefined
}

/** What a line shows of a process. */
type Shown = Pick<ProcessInfo, 'pid' | 'ppid' | 'name' | 'command' | 'state'>

/** The columns of a line without a terminal, as `pstree(1)` has it. */
const WIDTH = 132

/** What people need to know of a state: the others say nothing about what to do. */
const STATES: Readonly<Record<string, string>> = {
  D: ' (uninterruptible)',
  T: ' (stopped)',
  t: ' (traced)',
  Z: ' (zombie)',
}

/**
 * Draws processes as a tree, for people: one line for each, with its pid and its command line. A process without one has its
 * name in brackets, as in `ps(1)`. A process of which the parent is not among them starts a tree of its own.
 *
 * Control characters are replaced, so that a command line cannot change the terminal.
 *
 * @param processes Such as `descendants` returns.
 * @returns Lines without a newline after the last. Empty for no processes.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 * @example
 * console.log(formatTree(descendants(child, { self: true })))
 * // 4711 npm run dev
 * // └─ 4712 sh -c vite
 * //    └─ 4713 node node_modules/.bin/vite
 */
export function formatTree(processes: readonly ProcessInfo[], options?: FormatTreeOptions): string {
  const shown = mapElements(processes, checkProcess)
  if (shown === null) throw wrongType('processes', 'an array of processes', processes)
  const width = checkWidth(options)
  const pids = new Set(shown.map(({ pid }) => pid))
  const roots = shown.filter(({ ppid }) => ppid === null || !pids.has(ppid))
  // Read at different moments, some may be ancestors of each other: a pid was reused.
  return drawTrees([...roots, ...shown], childrenOf(shown), width).join('\n')
}

function drawTrees(
  roots: readonly Shown[],
  children: ReadonlyMap<number | null, readonly Shown[]>,
  width: number,
): string[] {
  const drawn = new Set<Shown>()
  const lines: string[] = []
  for (const root of roots) {
    // A tree may be deeper than calls can be.
    const next = [{ process: root, start: '', indent: '' }]
    for (let each = next.pop(); each !== undefined; each = next.pop()) {
      const { process, start, indent } = each
      if (drawn.has(process)) continue
      drawn.add(process)
      lines.push(cut(`${start}${describe(process)}`, width))
      for (const [index, child] of (children.get(process.pid) ?? []).toReversed().entries()) {
        const [branch, line] = index === 0 ? ['└─ ', '   '] : ['├─ ', '│  ']
        // Columns that are cut off need not grow.
        next.push({ process: child, start: indent + branch, indent: indent.length > width ? indent : indent + line })
      }
    }
  }
  return lines
}

function childrenOf(processes: readonly Shown[]): Map<number | null, Shown[]> {
  const children = new Map<number | null, Shown[]>()
  for (const process of processes) {
    const siblings = children.get(process.ppid)
    if (siblings === undefined) children.set(process.ppid, [process])
    else siblings.push(process)
  }
  return children
}

function describe({ pid, name, command, state }: Shown): string {
  const line = command === null || command.length === 0 ? `[${name ?? '?'}]` : command.join(' ')
  return `${pid} ${printable(line.replaceAll(/\s+/g, ' '))}${STATES[state ?? ''] ?? ''}`
}

/** Cuts a line to so many columns. */
function cut(line: string, width: number): string {
  let columns = 0
  let fitting = ''
  for (const character of line) {
    const next = columns + columnsOf(character)
    if (next > width) return `${fitting}…`
    if (next < width) fitting += character
    columns = next
  }
  return line
}

/** Characters of East Asian scripts and emoji are two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

function columnsOf(character: string): number {
  if (character < '\u0300') return 1
  return /\p{Mn}|\p{Me}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
}

function checkProcess(value: unknown, index: number): Shown {
  const name = `processes[${index}]`
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'a process', value)
  const process = pick(value as ProcessInfo, ['pid', 'ppid', 'name', 'command', 'state'])
  const { pid, ppid = null, name: title = null, command = null, state = null } = process
  if (typeof pid !== 'number') throw wrongType(`${name}.pid`, 'a number', pid)
  const words = command === null ? null : mapElements(command, String)
  return { pid, ppid, name: title, command: words, state }
}

function checkWidth(options: FormatTreeOptions | undefined): number {
  const { width = process.stdout.columns || WIDTH } =
    options === undefined ? {} : pickOptions<FormatTreeOptions, 'width'>(options, ['width'])
  if (typeof width !== 'number') throw wrongType('options.width', 'a number', width)
  if (!(width >= 1)) throw outOfRange('options.width', 'a positive number of columns', width)
  return width
}
