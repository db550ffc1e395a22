import { parseArgs, type ParseArgsConfig } from 'node:util'
import { isSimilar } from '../similar-names.js'
import { usage } from './usage.js'

type Options = NonNullable<ParseArgsConfig['options']>
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>>

/**
 * Parses the arguments of a command. Options may stand anywhere, and `--` ends them.
 *
 * @throws `CommandError`: an option does not exist, or its value is missing.
 */
export function parse<T extends Options>(args: readonly string[], options: T, help: string): Parsed<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code?.startsWith('ERR_PARSE_ARGS_') !== true) throw error
    throw usage(`${unknownOption(args, Object.keys(options)) ?? message} See \`${help}\`.`)
  }
}

/** Returns what is wrong with the first option that does not exist. */
function unknownOption(args: readonly string[], known: readonly string[]): string | null {
  const end = args.indexOf('--')
  for (const argument of end === -1 ? args : args.slice(0, end)) {
    const signal = /^-(\d+|[A-Z][A-Z\d+-]*)$/.exec(argument)?.[1]
    if (signal !== undefined) return `No such option: ${argument}. For a signal: --signal ${signal}.`
    const name = /^--([^=]+)/.exec(argument)?.[1]
    if (name === undefined || known.includes(name)) continue
    const meant = known.find((option) => isSimilar(name, option))
    return `No such option: --${name}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`
  }
  return null
}
