/** What stands on a terminal, in colours that `NO_COLOR` turns off. */

const COLOURS = { red: 31, green: 32, yellow: 33, grey: 90 } as const

type Colour = keyof typeof COLOURS

/** What is written to, and whether that is a terminal. */
export interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * Lets a command do its work, and exit with its code, when its output cannot be written. Says so, unless it was only the reader
 * that has gone: `killtarget wait 1 2 | head -1`.
 */
export function surviveLostOutput(): void {
  process.stderr.on('error', () => {})
  let isTold = false
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE' && !isTold) console.error(`killtarget: The output is lost: ${message}`)
    isTold = true
  })
}

/**
 * Returns a text in a colour, if the stream is a terminal that has colours.
 *
 * @see {@link https://no-color.org}
 */
export function coloured(stream: Stream, colour: Colour, text: string): string {
  const { NO_COLOR = '', TERM } = process.env
  if (stream.isTTY !== true || NO_COLOR !== '' || TERM === 'dumb') return text
  return `\u001B[${COLOURS[colour]}m${text}\u001B[39m`
}

/** One line at the end of a terminal, which is written over. It does nothing where that cannot be. */
export class StatusLine {
  readonly #stream: Stream

  constructor(stream: Stream = process.stderr) {
    this.#stream = stream
  }

  /** A dumb terminal, such as a shell of an editor, would show the control characters. */
  get isShown(): boolean {
    return this.#stream.isTTY === true && process.env['TERM'] !== 'dumb'
  }

  show(text: string): void {
    if (!this.isShown) return
    // A line that wraps could not be cleared. A terminal of no known size has 0 columns.
    const cut = text.slice(0, (this.#stream.columns || 80) - 1)
    this.#stream.write(`\r\u001B[K${coloured(this.#stream, 'grey', cut)}`)
  }

  clear(): void {
    if (this.isShown) this.#stream.write('\r\u001B[K')
  }
}
