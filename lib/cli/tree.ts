import { descendants } from '../../index.js'
import { parse } from './command-line.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.js'
import { reportError, type Reporter, reporterOf, unnamed } from './reporter.js'
import { type Argument, close, distinct, drawn, openTargets } from './targets.js'

const HELP = 'killtarget tree --help'

/** `killtarget tree <pid | token | :port>...`: draws a process and what it has started. */
export function tree(args: readonly string[]): ExitCode {
  const { values, positionals } = parse(args, { json: { type: 'boolean' } } as const, HELP)
  const reporter = reporterOf('killtarget tree', values)
  const [targets, failed] = openTargets(positionals, HELP, reporter)
  try {
    return exitCodeOf([...failed, ...targets.map((each) => show(each, reporter))])
  } finally {
    close(targets)
  }
}

function show({ text, named }: Argument, reporter: Reporter): ExitCode {
  try {
    const found = named.map((of) => ({ of, processes: descendants(of.target, { self: true }) }))
    const isEmpty = found.every(({ processes }) => processes.length === 0)
    if (reporter.isJson) console.log(JSON.stringify({ target: text, processes: distinct(found) }))
    else if (!isEmpty) console.log(drawn(found))
    else console.error(`${reporter.command}: ${text}: ${named.length > 0 ? 'no such process' : 'nothing listens'}`)
    return isEmpty ? EXIT.gone : EXIT.over
  } catch (error) {
    return reportError(unnamed(text), error, reporter)
  }
}
