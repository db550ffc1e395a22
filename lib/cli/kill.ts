import { constants } from 'node:os'
import { descendants, type Scope, terminate, type TerminateOptions, type Termination } from '../../index.js'
import { parse } from './command-line.js'
import { duration } from './duration.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.js'
import { printable } from '../printable.js'
import { coloured } from './output.js'
import { Progress } from './progress.js'
import { labelOf, printJson, REPORT_OPTIONS, reportError, type Reporter, reporterOf, reportNone } from './reporter.js'
import { signalOf } from './signal.js'
import { type Argument, close, drawn, type Found, type Named, openTargets } from './targets.js'
import { usage } from './usage.js'

const HELP = 'killtarget --help'

const OPTIONS = {
  signal: { type: 'string', short: 's' },
  grace: { type: 'string', short: 'g' },
  timeout: { type: 'string', short: 't' },
  scope: { type: 'string' },
  'dry-run': { type: 'boolean', short: 'n' },
  ...REPORT_OPTIONS,
} as const

/** `killtarget <pid | token | :port>...`: terminates processes, and tells what has come of them. */
export async function kill(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(args, OPTIONS, HELP)
  const reporter = reporterOf('killtarget', values)
  const options = readOptions(values)
  const isDryRun = values['dry-run'] === true
  const [targets, failed] = openTargets(positionals, HELP, reporter)
  try {
    const codes = isDryRun
      ? targets.flatMap((each) => show(each, options, reporter))
      : await endAll(targets, options, reporter)
    return exitCodeOf([...failed, ...codes])
  } finally {
    close(targets)
  }
}

interface Values {
  readonly signal?: string | undefined
  readonly grace?: string | undefined
  readonly timeout?: string | undefined
  readonly scope?: string | undefined
}

function readOptions({ signal, grace, timeout, scope }: Values): TerminateOptions {
  if (scope !== undefined && !['process', 'group', 'tree'].includes(scope)) {
    throw usage(`Expected --scope to be process, group or tree, got ${scope}.`)
  }
  const killSignal = signal === undefined ? undefined : signalOf('signal', signal)
  if (killSignal === constants.signals.SIGKILL && grace === 'never') {
    throw usage('With --grace never SIGKILL is never sent, and --signal is SIGKILL.')
  }
  return {
    ...(killSignal !== undefined && { killSignal }),
    ...(grace !== undefined && { grace: grace === 'never' ? false : duration('grace', grace) }),
    ...(timeout !== undefined && { killTimeout: duration('timeout', timeout) }),
    ...(scope !== undefined && { scope: scope as Scope }),
  }
}

/** Terminates what the arguments name, all at once. */
async function endAll(
  targets: readonly Argument[],
  options: TerminateOptions,
  reporter: Reporter,
): Promise<ExitCode[]> {
  const progress = new Progress(reporter.isJson || reporter.isQuiet)
  try {
    return (await Promise.all(targets.map((each) => end(each, options, reporter, progress)))).flat()
  } finally {
    progress.stop()
  }
}

/** Terminates what an argument names, all at once. */
async function end(
  { text, named }: Argument,
  options: TerminateOptions,
  reporter: Reporter,
  progress: Progress,
): Promise<ExitCode[]> {
  if (named.length === 0) return [reportNone(text, reporter, { outcome: 'gone' })]
  return Promise.all(named.map((each) => endOne(each, options, reporter, progress)))
}

async function endOne(
  named: Named,
  options: TerminateOptions,
  reporter: Reporter,
  progress: Progress,
): Promise<ExitCode> {
  const { onStep, forceSignal, leave } = progress.follow(named.pid, labelOf(named), options)
  try {
    const report = await terminate(named.target, { ...options, forceSignal, onStep })
    leave()
    return tell(named, report, reporter)
  } catch (error) {
    leave()
    return reportError(named, error, reporter)
  }
}

function tell(subject: Named, report: Termination, { isJson, isQuiet }: Reporter): ExitCode {
  const { outcome, survivors, ended, elapsed } = report
  if (isJson) printJson(subject, report)
  else if (!isQuiet) {
    const what = { gone: 'was gone', exited: 'exited', killed: 'killed', survived: 'lives on' }[outcome]
    const colour = { gone: 'grey', exited: 'green', killed: 'yellow', survived: 'red' }[outcome] as 'grey'
    const count = outcome === 'gone' ? '' : `, ${ended} ended in ${Math.round(elapsed)} ms`
    console.log(`${labelOf(subject)}: ${coloured(process.stdout, colour, what)}${count}`)
    for (const survivor of survivors) {
      console.log(`  lives on: ${survivor.pid} ${printable(survivor.name ?? '?')} (${survivor.reason})`)
    }
  }
  if (outcome === 'gone') return EXIT.gone
  return outcome === 'survived' ? EXIT.alive : EXIT.over
}

/** `--dry-run`: shows what would be terminated. */
function show({ text, named }: Argument, { scope }: TerminateOptions, reporter: Reporter): ExitCode[] {
  if (named.length === 0) return [reportNone(text, reporter, { processes: [] })]
  const shown: Found[] = []
  const codes = named.map((each) => {
    try {
      const found = descendants(each.target, { self: true, scope: scope ?? 'tree' })
      if (reporter.isJson) printJson(each, { processes: found })
      else if (found.length === 0 && !reporter.isQuiet) console.log(`${labelOf(each)}: was gone`)
      if (found.length > 0) shown.push({ of: each, processes: found })
      return found.length === 0 ? EXIT.gone : EXIT.over
    } catch (error) {
      return reportError(each, error, reporter)
    }
  })
  // As one: of several that listen on a port, one may have started the others.
  if (shown.length > 0 && !reporter.isJson && !reporter.isQuiet) console.log(drawn(shown))
  return codes
}
