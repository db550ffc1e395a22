import { outOfRange, unknownSignal, wrongType } from './arguments.js'
import { native } from './native.js'

/** The name of a signal, as `signal(7)` has it. Which there are depends on the system. */
export type SignalName =
  | 'SIGABRT'
  | 'SIGALRM'
  | 'SIGBREAK'
  | 'SIGBUS'
  | 'SIGCHLD'
  | 'SIGCONT'
  | 'SIGEMT'
  | 'SIGFPE'
  | 'SIGHUP'
  | 'SIGILL'
  | 'SIGINFO'
  | 'SIGINT'
  | 'SIGIO'
  | 'SIGKILL'
  | 'SIGPIPE'
  | 'SIGPROF'
  | 'SIGPWR'
  | 'SIGQUIT'
  | 'SIGSEGV'
  | 'SIGSTKFLT'
  | 'SIGSTOP'
  | 'SIGSYS'
  | 'SIGTERM'
  | 'SIGTRAP'
  | 'SIGTSTP'
  | 'SIGTTIN'
  | 'SIGTTOU'
  | 'SIGURG'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGVTALRM'
  | 'SIGWINCH'
  | 'SIGXCPU'
  | 'SIGXFSZ'
  | 'SIGRTMIN'
  | 'SIGRTMAX'
  | `SIGRTMIN+${number}`
  | `SIGRTMAX-${number}`
  // Any other string is checked when it is used; this way the names above are still offered.
  | (string & {})

/** A signal by name or number. `0` sends nothing and tells whether a signal could be sent. */
export type Signal = SignalName | number

interface Table {
  readonly numbers: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<number, string>
}

let loaded: Table | undefined

/** The signals of this system. A number with several names goes by the first: `SIGABRT`, `SIGRTMIN+3`. */
function table(): Table {
  if (loaded !== undefined) return loaded
  const signals = native.signals()
  const names = new Map(signals.toReversed().map(({ name, number }) => [number, name]))
  loaded = { numbers: new Map(signals.map(({ name, number }) => [name, number])), names }
  return loaded
}

/** The number of a signal. */
export function signalNumber(signal: unknown, name = 'signal'): number {
  const { numbers, names } = table()
  switch (typeof signal) {
    case 'number':
      if (signal === 0 || names.has(signal)) return signal
      throw unknownSignal(signal)
    case 'string': {
      const number = numbers.get(signal)
      if (number !== undefined) return number
      throw unknownSignal(signal)
    }
    default:
      throw wrongType(name, 'the name or the number of a signal', signal)
  }
}

/** The number of a signal that does something: not 0. */
export function sentSignalNumber(signal: unknown, name: string): number {
  const number = signalNumber(signal, name)
  if (number === 0) throw outOfRange(name, 'a signal that is sent', signal)
  return number
}

export function signalName(number: number): string {
  return table().names.get(number) ?? String(number)
}

export function isRealTime(number: number): boolean {
  return number >= (table().numbers.get('SIGRTMIN') ?? Infinity)
}
