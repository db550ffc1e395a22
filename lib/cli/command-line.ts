import { parseArgs, type ParseArgsConfig } from 'node:util'
import { isSimilar } from '../similar-names.js'
import { usage } from './usage.js'

type Options = NonNullable<ParseArgsConfig['options']>
type Config<T extends Options> = { options: T; allowPositionals: true; strict: true }
type Parsed<T extends Options> = ReturnType<typeof parseArgs<Config<T>>>

/** An option as it stands on the command line. */
interface Given {
  readonly name: string
  /** With its hyphens, but without a value: `-t`, `--timeout`. */
  readonly rawName: string
  readonly value: string | undefined
}

/**
 * Parses the arguments of a command. Options may stand anywhere, and `--` ends them.
 *
 * @throws `CommandError`: an option does not exist, or its value is missing.
 */
export function parse<T extends Options>(args: readonly string[], options: T, help: string): Parsed<T> {
  // What is wrong is told in words of our own.
  const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true })
  for (const token of parsed.tokens) {
    const problem = token.kind === 'option' ? problemOf(token, options, args[token.index]!) : null
    if (problem !== null) throw usage(`${problem} See \`${help}\`.`)
  }
  return parsed as unknown as Parsed<T>
}

/** Returns what is wrong with an option, or `null`. It is the argument, or stands in it as in `-qn`. */
function problemOf({ name, rawName, value }: Given, options: Options, argument: string): string | null {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) {
    const signal = /^-(\d+|[A-Z][A-Z\d+-]+)$/.exec(argument)?.[1]
    if (signal !== undefined) return `No such option: ${argument}. For a signal: --signal ${signal}.`
    const meant = Object.keys(options).find((known) => isSimilar(name, known))
    return `No such option: ${rawName}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`
  }
  const isFlag = option.type === 'boolean'
  if (isFlag && value !== undefined) return `The option ${rawName} has no value.`
  return isFlag || value !== undefined ? null : `The option ${rawName} needs a value.`
}
