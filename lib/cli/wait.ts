import { type ExitStatus, KillError } from '../../index.js'
import { parse } from './command-line.js'
import { duration } from './duration.js'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.js'
import { labelOf, printJson, REPORT_OPTIONS, reportError, type Reporter, reporterOf, reportNone } from './reporter.js'
import { type Argument, close, type Named, openTargets } from './targets.js'
import { usage } from './usage.js'

const HELP = 'killtarget wait --help'

const OPTIONS = {
  timeout: { type: 'string', short: 't' },
  count: { type: 'string', short: 'c' },
  ...REPORT_OPTIONS,
} as const

/** `killtarget wait <pid | token | :port>...`: waits until processes have exited, and tells how. */
export async function wait(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(args, OPTIONS, HELP)
  const reporter = reporterOf('killtarget wait', values)
  const timeout = values.timeout === undefined ? Infinity : duration('timeout', values.timeout)
  const [targets, failed] = openTargets(positionals, HELP, reporter)
  const enough = new AbortController()
  try {
    // Several processes may listen on a port.
    const most = failed.length + targets.reduce((sum, { named }) => sum + Math.max(named.length, 1), 0)
    const count = readCount(values.count, most)
    let left = count
    const onExit = (): void => {
      if (--left === 0 && count < most) enough.abort()
    }
    const limits = { timeout, signal: enough.signal }
    const waits = targets.map((each) => waitFor(each, limits, reporter, onExit))
    return exitCodeOf([...failed, ...(await Promise.all(waits)).flat()])
  } finally {
    close(targets)
  }
}

interface Limits {
  readonly timeout: number
  readonly signal: AbortSignal
}

function readCount(text: string | undefined, most: number): number {
  if (text === undefined) return most
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count < 1 || count > most)
    throw usage(`Expected --count to be from 1 to ${most}, the number of processes, got ${text}.`)
  return count
}

async function waitFor(
  { text, named }: Argument,
  limits: Limits,
  reporter: Reporter,
  onExit: () => void,
): Promise<ExitCode[]> {
  if (named.length > 0)
    return (await Promise.all(named.map((each) => waitForOne(each, limits, reporter, onExit)))).flat()
  onExit()
  return [reportNone(text, reporter, { outcome: 'gone', status: null })]
}

/** Resolves to `[]` if enough others have exited before it. */
async function waitForOne(named: Named, limits: Limits, reporter: Reporter, onExit: () => void): Promise<ExitCode[]> {
  const { target } = named
  const wasGone = target.method === 'gone'
  try {
    const status = await target.exited(limits)
    tell(named, wasGone ? null : status, reporter)
    onExit()
    return [wasGone ? EXIT.gone : EXIT.over]
  } catch (error) {
    if (limits.signal.aborted) {
      if (reporter.isJson) tell(named, 'alive', reporter)
      return []
    }
    if (error instanceof KillError && error.code === 'ERR_TIMEOUT') {
      tell(named, 'alive', reporter)
      return [EXIT.alive]
    }
    return [reportError(named, error, reporter)]
  }
}

/** @param status `null`: it was gone before. */
function tell(subject: Named, status: ExitStatus | 'alive' | null, reporter: Reporter): void {
  if (reporter.isJson) {
    const outcome = status === null ? 'gone' : status === 'alive' ? 'alive' : 'exited'
    printJson(subject, { outcome, status: outcome === 'exited' ? status : null })
  } else if (!reporter.isQuiet) console.log(`${labelOf(subject)}: ${inWords(status)}`)
}

function inWords(status: ExitStatus | 'alive' | null): string {
  if (status === null) return 'was gone'
  if (status === 'alive') return 'lives on'
  if (status.signal !== null) return `ended by ${status.signal}`
  return status.known ? `exited with ${status.code}` : 'exited'
}
