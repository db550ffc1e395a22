import { unknownSignal, wrongType } from './arguments.js'
import { native } from './native.js'

/** The name of a signal, as `signal(7)` has it. Which there are depends on the system. */
export type SignalName =
  | 'SIGABRT'
  | 'SIGALRM'
  | 'SIGBUS'
  | 'SIGCHLD'
  | 'SIGCONT'
  | 'SIGFPE'
  | 'SIGHUP'
  | 'SIGILL'
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

let numbers: ReadonlyMap<string, number> | undefined
let known: ReadonlySet<number> | undefined

/** The number of a signal, from the table of this system. */
export function signalNumber(signal: unknown): number {
  if (numbers === undefined || known === undefined) {
    numbers = new Map(native.signals().map(({ name, number }) => [name, number]))
    known = new Set([0, ...numbers.values()])
  }
  switch (typeof signal) {
    case 'number':
      if (known.has(signal)) return signal
      throw unknownSignal(signal)
    case 'string': {
      const number = numbers.get(signal)
      if (number !== undefined) return number
      throw unknownSignal(signal)
    }
    default:
      throw wrongType('signal', 'the name or the number of a signal', signal)
  }
}
