import { outOfRange, unknownSignal, wrongType } from './arguments.js'
import { native } from './native.js'
import { isSimilar } from './similar-names.js'

/** The name of a signal, as in `signal(7)`. Which names exist depends on the system. */
export type SignalName =
  | 'SIGABRT'
  | 'SIGALRM'
  | 'SIGBREAK'
  | 'SIGBUS'
  | 'SIGCHLD'
  | 'SIGCLD'
  | 'SIGCONT'
  | 'SIGEMT'
  | 'SIGFPE'
  | 'SIGHUP'
  | 'SIGILL'
  | 'SIGINFO'
  | 'SIGINT'
  | 'SIGIO'
  | 'SIGIOT'
  | 'SIGKILL'
  | 'SIGLOST'
  | 'SIGPIPE'
  | 'SIGPOLL'
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
  | 'SIGUNUSED'
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
      throw unknownSignal(signal, meantBy(signal))
    }
    default:
      throw wrongType(name, 'a signal name or number', signal)
  }
}

/** Returns the signal of this system that a string was probably meant to name: `'TERM'`, `'sigterm'`, `'15'`. */
function meantBy(text: string): string | number | undefined {
  const { numbers, names } = table()
  const name = text.trim().toUpperCase()
  const number = Number(name.replace(/^-/, ''))
  if (name !== '' && names.has(number)) return number
  const full = name.startsWith('SIG') ? name : `SIG${name}`
  return numbers.has(full) ? full : [...numbers.keys()].find((each) => isSimilar(each, full))
}

/** Returns the number of a signal. Throws for signal 0, too. */
export function sentSignalNumber(signal: unknown, name: string): number {
  const number = signalNumber(signal, name)
  if (number === 0) throw outOfRange(name, 'a signal other than 0', signal)
  return number
}

/** Returns the number of a signal's name, or `null` if this system does not have it. */
export function numberOf(name: string): number | null {
  return table().numbers.get(name) ?? null
}

export function signalName(number: number): string {
  return table().names.get(number) ?? String(number)
}

export function isRealTime(number: number): boolean {
  return number >= (numberOf('SIGRTMIN') ?? Infinity)
}
