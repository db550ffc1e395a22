import { checkBoolean, checkDuration, checkOneOf, invalidValue, outOfRange } from './arguments.js'
import type { Isolation } from './available-isolations.js'
import { checkedIsolation, notAvailable } from './isolation.js'
import { sentSignalNumber, type Signal } from './signal.js'

/** Options for `spawn` and `contained`, besides those of Node's `spawn`: how the guard treats what the command starts. */
export interface ContainOptions {
  /**
   * What keeps the processes together. Each system has its own: another throws `ENOSYS`.
   *
   * Linux: `'reaper'`: orphans stay below the guard. The command sees no difference. Only a program that kills both processes of
   * the guard at once escapes. `'pid-namespace'`: the kernel ends all with the guard. The command sees a new PID namespace.
   * Without the privilege for it, this also needs a user namespace. If it cannot be had, the command is not started.
   *
   * Windows: `'job'`: the kernel ends all with the guard, and lets none leave.
   *
   * macOS: `'session'`: the guard finds all by parent, session and process group. An orphan that has left these before the guard
   * has seen it escapes.
   *
   * @default 'reaper' on Linux, 'job' on Windows, 'session' on macOS
   */
  isolation?: Isolation | undefined
  /**
   * What happens to processes that still run when the command has exited. `'terminate'`: they get `killSignal`, and SIGKILL after
   * `grace`. `'kill'`: they get SIGKILL. Either way the exit of the child is reported after they have exited. `'keep'`: the exit
   * is reported at once. They run on, contained, until this process exits or the target is terminated. Not on Windows: `ENOSYS`.
   * `'leave'`: the exit is reported at once. They run on, uncontained.
   *
   * @default 'terminate'
   */
  leftovers?: 'terminate' | 'kill' | 'keep' | 'leave' | undefined
  /**
   * What happens to all processes when this process exits, in whatever way. `'terminate'`: they get `killSignal`, and SIGKILL
   * after `grace`. `'kill'`: they get SIGKILL. `'leave'`: they run on.
   *
   * @default 'terminate'
   */
  orphaned?: 'terminate' | 'kill' | 'leave' | undefined
  /**
   * The polite signal for `leftovers` and `orphaned`. Node's option of that name.
   *
   * @default 'SIGTERM'
   */
  killSignal?: Signal | undefined
  /**
   * Milliseconds from the polite signal to SIGKILL, for `leftovers` and `orphaned`. At most 4,294,967,295, which are 49 days.
   * Windows has no polite signal, so all are ended at once there.
   *
   * @default 5000
   */
  grace?: number | undefined
  /**
   * Whether the other end of standard input counts as this process: all are treated as by `orphaned` when it is closed, unless
   * the command exits by itself within a second. For servers that talk over stdio.
   *
   * @default false
   */
  untilStdinEnds?: boolean | undefined
  /**
   * Whether the command leads a session of its own, without a terminal. With `detached`, the guard leads one, and the command is
   * in it.
   *
   * @default false
   */
  session?: boolean | undefined
}

export const CONTAIN_OPTIONS = [
  'isolation',
  'leftovers',
  'orphaned',
  'grace',
  'untilStdinEnds',
  'session',
] as const satisfies readonly (keyof ContainOptions)[]

const MAX_GRACE = 2 ** 32 - 1

/** Returns the arguments of the guard for the options. */
export function guardArguments(options: ContainOptions): string[] {
  const { leftovers = 'terminate', orphaned = 'terminate', killSignal = 'SIGTERM' } = options
  const { grace = 5000, untilStdinEnds = false, session = false } = options
  const isolation = checkedIsolation(options.isolation)
  checkOneOf('options.leftovers', ['terminate', 'kill', 'keep', 'leave'], leftovers)
  checkOneOf('options.orphaned', ['terminate', 'kill', 'leave'], orphaned)
  const signal = sentSignalNumber(killSignal, 'options.killSignal')
  checkDuration('options.grace', grace)
  if (grace > MAX_GRACE) throw outOfRange('options.grace', `at most ${MAX_GRACE} milliseconds`, grace)
  checkBoolean('options.untilStdinEnds', untilStdinEnds)
  checkBoolean('options.session', session)
  if (isolation === 'pid-namespace' && leftovers === 'leave') {
    throw invalidValue("`options.leftovers` cannot be 'leave' in a PID namespace: its processes end with it.")
  }
  if (isolation === 'job' && leftovers === 'keep') {
    throw notAvailable("`options.leftovers` cannot be 'keep' on Windows: the job ends with its guard.")
  }
  return [
    `--isolation=${isolation}`,
    `--leftovers=${leftovers}`,
    `--orphaned=${orphaned}`,
    `--kill-signal=${signal}`,
    `--grace=${Math.ceil(grace)}`,
    ...(untilStdinEnds ? ['--until-stdin-ends'] : []),
    ...(session ? ['--session'] : []),
  ]
}
