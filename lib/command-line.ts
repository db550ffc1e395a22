/** What a contained launch starts. */
export interface CommandLine {
  /** The program and its arguments. */
  readonly words: readonly string[]
  /** Whether Windows gets the arguments as they are, unquoted. */
  readonly isVerbatim: boolean
}

/** Returns the command that runs a program by a shell, as Node's `spawn` does. */
export function shellCommand(command: string, shell: string | true): CommandLine {
  if (process.platform !== 'win32') {
    return { words: [shell === true ? '/bin/sh' : shell, '-c', command], isVerbatim: false }
  }
  const program = shell === true ? (process.env['comspec'] ?? 'cmd.exe') : shell
  const isCmd = /^(?:.*\\)?cmd(?:\.exe)?$/i.test(program)
  return isCmd
    ? { words: [program, '/d', '/s', '/c', `"${command}"`], isVerbatim: true }
    : { words: [program, '-c', command], isVerbatim: false }
}

/** Quotes an argument for `sh`. */
export function quotedForSh(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`
}

/**
 * Quotes an argument for programs on Windows, as libuv does.
 *
 * @see {@link https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments}
 */
export function quotedForWindows(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument
  return `"${argument.replace(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1')}"`
}

/** Escapes what cmd.exe would treat. It sees no quote then, so each character counts as outside of quotes. */
export function escapedForCmd(text: string): string {
  return text.replace(/[()[\]%!^"`<>&|;,*?]/g, '^$&')
}
