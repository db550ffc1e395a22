import { outOfRange, unknownSignal, wrongType } from './arguments.js'
import { native } from './native.js'

/** The name of a signal, as in `signal(7)`. Which names exist depends on the system. */
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
  // Other strings are checked when they are used. This form keeps an editor's completion of the names above.
  | (string & {})

/** The name or number of a signal. `0` sends nothing: it only checks whether a signal could be sent. */
export type Signal = SignalName | number

interface Table {
  readonly numbers: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<number, string>
}

let loaded: Table | undefined

/** Returns the signals of this system. If a number has several names, the first one counts: `SIGABRT`, `SIGRTMIN+3`. */
function table(): Table {
  if (loaded !== undefined) return loaded
  const signals = native.signals()
  const names = new Map(signals.toReversed().map(({ name, number }) => [number, name]))
  loaded = { numbers: new Map(signals.map(({ name, number }) => [name, number])), names }
  return loaded
}

/** Returns the number of a signal. Throws if this system does not have it. */
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
      throw wrongType(name, 'a signal name or number', signal)
  }
}

/** Returns the number of a signal. Throws for signal 0, too. */
export function sentSignalNumber(signal: unknown, name: string): number {
  const number = signalNumber(signal, name)
  if (number === 0) throw outOfRange(name, 'a signal other than 0', signal)
  return number
}

export function signalName(number: number): string {
  return table().names.get(number) ?? String(number)
}

export function isRealTime(number: number): boolean {
  return number >= (table().numbers.get('SIGRTMIN') ?? Infinity)
}
