/// <reference lib="esnext.disposable" preserve="true" />
/** @ts-ignore -- these are Node's */
import { ChildProcess, ChildProcessWithoutNullStreams, SpawnOptions, SpawnOptionsWithoutStdio } from "node:child_process";
/**
 * The members of an `AbortSignal` that this package uses. An object with these members is accepted like an `AbortSignal`,
 * such as one from another realm or a polyfill.
 */
interface AbortSignalLike {
  /** Whether the signal is aborted. */
  readonly aborted: boolean;
  /** Why the signal was aborted. */
  readonly reason?: unknown;
  /** Adds a listener for the abort. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
/** Which values of the option `isolation` can be had here. */
interface IsolationCapabilities {
  /** `'reaper'`: Linux 3.4 and later. */
  readonly reaper: boolean;
  /** `'pid-namespace'`: Linux, with `CAP_SYS_ADMIN` or where user namespaces are allowed. */
  readonly pidNamespace: boolean;
  /** Says in English why a field is `false`. Absent if all are `true`. */
  readonly reason?: string;
}
/**
 * What the running system supports. A field is `false` if the kernel lacks the call, or if a sandbox such as a seccomp
 * profile refuses it.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/identity.md}
 */
interface Capabilities {
  /** A process can be opened by `pidfd_open(2)` and signalled through its pidfd. Linux 5.3 and later. */
  readonly pidfd: boolean;
  /** A process can be signalled through an open `/proc/PID`. Linux 5.1 and later. */
  readonly procSignal: boolean;
  /** `/proc` is mounted, and shows the processes of this PID namespace. */
  readonly proc: boolean;
  /** A process group can be signalled through its leader's pidfd, even after the leader was reaped. Linux 6.9 and later. */
  readonly groupSignal: boolean;
  /** A child can be waited for through its pidfd. Linux 5.4 and later. */
  readonly wait: boolean;
  /** Facts about a process, such as its parent, can be read through its pidfd. Linux 6.13 and later. */
  readonly info: boolean;
  /** The exit status of any process can be read through its pidfd. Linux 6.15 and later. */
  readonly exitInfo: boolean;
  /** A target that is opened now has `raceFree: true`. */
  readonly raceFree: boolean;
  /** Says in English why a field is `false`. Absent if all are `true`. */
  readonly reason?: string;
  /**
   * What contained launch can have here. It is found out when it is first read, by starting two programs, which takes some
   * milliseconds. Not enumerable.
   */
  readonly isolation: IsolationCapabilities;
}
/**
 * Returns what the running system supports. On Linux each call is tried once on this process; `proc` and `raceFree` are
 * checked each time.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/platforms.md}
 * @example
 * const { raceFree, reason } = capabilities()
 * if (!raceFree) console.warn(reason)
 * const isolation = capabilities().isolation.pidNamespace ? 'pid-namespace' : 'reaper'
 */
declare function capabilities(): Capabilities;
/**
 * An object that stands for a child process: Node's `ChildProcess`, the subprocess of execa, zx, tinyexec or Bun, node-pty's
 * `IPty`, or Deno's `ChildProcess`.
 */
interface ChildLike {
  /** The pid of the child. Absent if the child was never started. */
  readonly pid?: number | null | undefined;
  /** A number if the child has exited. Other values are ignored. */
  readonly exitCode?: unknown;
  /** A string if a signal terminated the child. Other values are ignored. */
  readonly signalCode?: unknown;
}
/** What keeps the processes of a contained launch together: see `ContainOptions`. */
type Isolation = 'reaper' | 'pid-namespace' | 'job' | 'session';
/** The name of a signal, as in `signal(7)`. Which names exist depends on the system. */
type SignalName = 'SIGABRT' | 'SIGALRM' | 'SIGBREAK' | 'SIGBUS' | 'SIGCHLD' | 'SIGCLD' | 'SIGCONT' | 'SIGEMT' | 'SIGFPE' | 'SIGHUP' | 'SIGILL' | 'SIGINFO' | 'SIGINT' | 'SIGIO' | 'SIGIOT' | 'SIGKILL' | 'SIGLOST' | 'SIGPIPE' | 'SIGPOLL' | 'SIGPROF' | 'SIGPWR' | 'SIGQUIT' | 'SIGSEGV' | 'SIGSTKFLT' | 'SIGSTOP' | 'SIGSYS' | 'SIGTERM' | 'SIGTRAP' | 'SIGTSTP' | 'SIGTTIN' | 'SIGTTOU' | 'SIGUNUSED' | 'SIGURG' | 'SIGUSR1' | 'SIGUSR2' | 'SIGVTALRM' | 'SIGWINCH' | 'SIGXCPU' | 'SIGXFSZ' | 'SIGRTMIN' | 'SIGRTMAX' | `SIGRTMIN+${number}` | `SIGRTMAX-${number}`;
/** The name or number of a signal. `0` sends nothing: it only checks whether a signal could be sent. */
type Signal = SignalName | number;
/** Options for `spawn` and `contained`, besides those of Node's `spawn`: how the guard treats what the command starts. */
interface ContainOptions {
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
  isolation?: Isolation | undefined;
  /**
   * What happens to processes that still run when the command has exited. `'terminate'`: they get `killSignal`, and SIGKILL after
   * `grace`. `'kill'`: they get SIGKILL. Either way the exit of the child is reported after they have exited. `'keep'`: the exit
   * is reported at once. They run on, contained, until this process exits or the target is terminated. Not on Windows: `ENOSYS`.
   * `'leave'`: the exit is reported at once. They run on, uncontained.
   *
   * @default 'terminate'
   */
  leftovers?: 'terminate' | 'kill' | 'keep' | 'leave' | undefined;
  /**
   * What happens to all processes when this process exits, in whatever way. `'terminate'`: they get `killSignal`, and SIGKILL
   * after `grace`. `'kill'`: they get SIGKILL. `'leave'`: they run on.
   *
   * @default 'terminate'
   */
  orphaned?: 'terminate' | 'kill' | 'leave' | undefined;
  /**
   * The polite signal for `leftovers` and `orphaned`. Node's option of that name.
   *
   * @default 'SIGTERM'
   */
  killSignal?: Signal | undefined;
  /**
   * Milliseconds from the polite signal to SIGKILL, for `leftovers` and `orphaned`. At most 4,294,967,295, which are 49 days.
   * Windows has no polite signal, so all are ended at once there.
   *
   * @default 5000
   */
  grace?: number | undefined;
  /**
   * Whether the other end of standard input counts as this process: all are treated as by `orphaned` when it is closed, unless
   * the command exits by itself within a second. For servers that talk over stdio.
   *
   * @default false
   */
  untilStdinEnds?: boolean | undefined;
  /**
   * Whether the command leads a session of its own, without a terminal. With `detached`, the guard leads one, and the command is
   * in it.
   *
   * @default false
   */
  session?: boolean | undefined;
}
/** What to start in place of a program, so that it is contained. */
interface Contained<O extends object = SpawnOptions> {
  /** The path of the guard. */
  readonly file: string;
  /** The arguments of the guard: how to treat what is started, then the program and its arguments. */
  readonly args: string[];
  /** The options that are left for the function that starts it. */
  readonly options: Omit<O, Exclude<keyof ContainOptions, 'killSignal'> | 'shell' | 'argv0'>;
  /** Returns one command line for `sh`, and for `cmd.exe` on Windows. */
  toString(): string;
}
/**
 * Returns how to start a program contained by any function that starts programs: `child_process`, execa, `Bun.spawn`,
 * `Deno.Command`, node-pty, a client of MCP. Nothing that the program starts escapes, and nothing outlives this process.
 *
 * The result is for this process: its exit ends what was started with it.
 *
 * @param file The program, as for Node's `spawn`.
 * @param args Its arguments.
 * @param options Those of `ContainOptions`, and those of the function that starts it. `shell` and `argv0` are as for Node's
 * `spawn`.
 * @throws {KillError} `ERR_GUARD_NOT_FOUND`: there is no guard for this platform, or it is not beside the binary.
 * @throws {KillError} `ENOSYS`: another system has this isolation or these leftovers.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_UNKNOWN_SIGNAL`: an
 * argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * const { file, args, options } = contained('npm', ['run', 'dev'], { cwd: 'app' })
 * const subprocess = execa(file, args, options)
 */
declare function contained<O extends object = Omit<SpawnOptions, 'killSignal'>>(file: string, args?: readonly string[], options?: O & ContainOptions): Contained<O>;
/**
 * Returns how to start a program without arguments contained.
 *
 * @throws As with arguments.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * const { file, args, options } = contained('server', { cwd: 'app' })
 */
declare function contained<O extends object>(file: string, options: O & ContainOptions): Contained<O>;
/** Facts about a process at one moment. A fact that could not be read is `null`. */
interface ProcessInfo {
  /** The pid of the process. */
  readonly pid: number;
  /** The pid of its parent. `0`: the parent is outside this PID namespace. */
  readonly ppid: number | null;
  /** The id of its process group. `0`: the group's leader is outside this PID namespace. */
  readonly pgid: number | null;
  /** The id of its session. `0`: the session's leader is outside this PID namespace. */
  readonly sid: number | null;
  /** Its short name. On Linux at most 15 bytes. */
  readonly name: string | null;
  /**
   * Its command line: the program, then its arguments. Some programs put a title in its place. At most 64 KiB. `null` for a
   * zombie, for a process in an uninterruptible wait, and on macOS for another user's process. Empty arguments at its end are left
   * out on Linux.
   */
  readonly command: string[] | null;
  /** The id of its effective user. `null` on Windows. */
  readonly user: number | null;
  /**
   * Its state, as the letter that `ps(1)` shows: `R` running, `S` sleeping, `D` uninterruptible, `T` stopped, `t` traced,
   * `Z` zombie, `X` dead, `I` idle. macOS reports `R`, `T` and `Z` only, Windows none.
   */
  readonly state: string | null;
  /** When it started, in milliseconds since 1970. On Linux this is exact to a clock tick, which is usually 10 ms. */
  readonly startTime: number | null;
  /** Its token, as `token()` returns it. `null`, too, right after the start, on systems that tell processes by their start time. */
  readonly token: string | null;
}
/**
 * The processes that an operation applies to.
 *
 * - `'process'`: the target only.
 * - `'group'`: all members of the process group that the target leads or led.
 * - `'tree'`: the target, all its descendants, and the process group that the target leads or led. Orphans are included if
 *   they are in a session that the target or one of its descendants leads or led.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 */
type Scope = 'process' | 'group' | 'tree';
/**
 * How a target identifies its process.
 *
 * - `'pidfd'`: a file descriptor of the process. Linux 5.3 and later.
 * - `'proc-fd'`: the open directory `/proc/PID`. Linux without pidfds.
 * - `'audit-token'`: an audit token with the unique id of the process. macOS 14.2 and later.
 * - `'handle'`: a process handle. Windows.
 * - `'start-time'`: the start time, compared right before each signal, because no file descriptor was left. Before
 *   macOS 14.2: the unique id, compared likewise.
 * - `'pid'`: the pid alone, without verification. Only with `allowUnverified: true`.
 * - `'gone'`: nothing. There was no such process. Such a target never sends a signal.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/identity.md}
 */
type Method = 'pidfd' | 'proc-fd' | 'audit-token' | 'handle' | 'start-time' | 'pid' | 'gone';
/** Options for `KillTarget.fromPid` and `KillTarget.fromChild`. */
interface OpenOptions {
  /**
   * Whether to open the target by its pid alone if the process cannot be distinguished from a later one with its pid. This
   * is the case without pidfds and a usable `/proc`. The target's `method` is then `'pid'`, and a signal may reach another
   * process. Without this option, opening such a target throws `ERR_IDENTITY_UNAVAILABLE`.
   *
   * @default false
   */
  allowUnverified?: boolean | undefined;
}
/** A `KillTarget`, also one of another copy of the package. */
interface AnyKillTarget {
  /** The pid. */
  readonly pid: number;
  /** How the process is identified. */
  readonly method: Method;
  /** Whether a signal can never reach a later process with the same pid. */
  readonly raceFree: boolean;
}
/**
 * A value that names a process: an open `KillTarget`, a pid, a token, the object of a child process, as for
 * `KillTarget.fromChild`, or what this package has told of a process, which its token or its start time verifies.
 */
type TargetLike = AnyKillTarget | number | string | ChildLike | ProcessInfo | TargetJson;
/** A target as JSON. It names the same process to a later program. */
interface TargetJson {
  /** The pid that the process had. */
  readonly pid: number;
  /** Its token, or `null` if it was gone. */
  readonly token: string | null;
}
/** Options for `descendants`. */
interface DescendantsOptions {
  /**
   * Whether the process itself comes first, unless it has exited.
   *
   * @default false
   */
  self?: boolean | undefined;
  /**
   * Lists what a termination of this scope would find now, for example to show it before the termination. For `'tree'` these are
   * the descendants, and all in the group or session that the process leads. It throws where the termination would be refused.
   *
   * @default the descendants only
   */
  scope?: Scope | undefined;
}
/**
 * Returns the living descendants of a process: its children, their children, and so on. Orphans are included if they can
 * be attributed to the process: if they are in a session that the process or one of its descendants leads or led, or in the
 * process group that the process leads or led.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns Parents before their children, without the process itself unless `self` is set. Empty if there are none.
 * @throws {KillError} `ENOSYS`: processes cannot be listed, because `/proc` is absent or belongs to another PID namespace.
 * @throws {KillError} `ERR_TIMEOUT`: the children of a process could not be read for 4 seconds, so some may be missing.
 * @throws {KillError} `ERR_PROTECTED_TARGET`, `ERR_NOT_GROUP_LEADER`: only with `scope`. A termination would be refused.
 * @throws {KillError} `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see `KillTarget.fromPid`. `ERR_TARGET_CLOSED`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: `target` is none of these.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 * @example
 * for (const { pid, name } of descendants(child)) console.log(pid, name)
 */
declare function descendants(target: TargetLike, options?: DescendantsOptions): ProcessInfo[];
/** The `code` of a `KillError`: a failure that this package names, or the system's name of the error of a system call. */
type KillErrorCode = 'ERR_GUARD_NOT_FOUND' | 'ERR_IDENTITY_UNAVAILABLE' | 'ERR_INTERNAL' | 'ERR_NOT_A_PROCESS' | 'ERR_NOT_GROUP_LEADER' | 'ERR_PROTECTED_TARGET' | 'ERR_EXCEPTED_TARGET' | 'ERR_TARGET_CLOSED' | 'ERR_TIMEOUT' | 'ERR_TOO_MANY_TARGETS' | 'EACCES' | 'EAGAIN' | 'EBADF' | 'EDQUOT' | 'EINTR' | 'EINVAL' | 'EIO' | 'EMFILE' | 'ENFILE' | 'ENOENT' | 'ENOMEM' | 'ENOSPC' | 'ENOSYS' | 'EPERM' | 'EROFS' | 'ESRCH';
/**
 * Thrown if an operation fails on its target. Branch on `code`: it is stable over releases, the message is not.
 *
 * | `code` | when |
 * |---|---|
 * | `EPERM` | the system does not permit the operation |
 * | `ENOSYS` | the system has no safe way to do it |
 * | `ERR_TARGET_CLOSED` | the target was closed before the call |
 * | `ERR_NOT_A_PROCESS` | the pid is the id of a thread |
 * | `ERR_NOT_GROUP_LEADER` | the process does not lead a process group |
 * | `ERR_PROTECTED_TARGET` | this process, one of its ancestors or pid 1 is in scope |
 * | `ERR_EXCEPTED_TARGET` | `except` names the target, or a process that has started it |
 * | `ERR_TIMEOUT` | the process is still alive after `timeout`; `descendants`, `suspend`, `resume`: a process may be missing; tree-kill: a descendant may not have got the signal |
 * | `ERR_IDENTITY_UNAVAILABLE` | the process cannot be distinguished from a later one with its pid |
 * | `ERR_GUARD_NOT_FOUND` | there is no program for contained launch for this platform, or it is not beside the binary |
 * | `ERR_TOO_MANY_TARGETS` | 16 million targets are open |
 * | `ERR_INTERNAL` | a bug of this package |
 *
 * Other errors of the system have their own names, such as `EMFILE`. Invalid arguments throw a `TypeError` or
 * `RangeError` instead, with the `code` that Node uses.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/api.md#errors}
 * @example
 * try {
 *   target.signal('SIGTERM')
 * } catch (error) {
 *   if (error instanceof KillError && error.code === 'EPERM') console.error(`Not permitted: ${error.pid}`)
 *   else throw error
 * }
 */
declare class KillError extends Error {
  /** The stable name of the failure, such as `'EPERM'` or `'ERR_TIMEOUT'`. */
  readonly code: KillErrorCode;
  /** The system's error number, negative as in Node. Present only if a system call failed. */
  readonly errno?: number;
  /** The system call that failed, such as `'kill'`. Present only if a system call failed. */
  readonly syscall?: string;
  /** The pid of the target, or of this process if the call has no target. */
  readonly pid: number;
  constructor(failure: {
    message: string;
    code: string;
    errno?: number | undefined;
    syscall?: string | undefined;
    pid: number;
  });
}
/** How a process exited. */
interface ExitStatus {
  /**
   * The exit code, or `null` if a signal terminated the process. 0 to 255; on Windows 0 to 4294967295, and 1 if another
   * process terminated it.
   */
  readonly code: number | null;
  /** The name of the signal that terminated the process, such as `'SIGKILL'`, or `null` if it exited by itself. */
  readonly signal: string | null;
  /** The number of that signal on this system, such as 9, or `null` if it exited by itself or this system has no such signal. */
  readonly signalNumber: number | null;
  /** The exit code as a shell reports it in `$?`: `code`, or 128 plus `signalNumber`. `null` if neither is known. */
  readonly shellCode: number | null;
  /** `false` if the process has exited but its exit status cannot be read. The other members are then all `null`. */
  readonly known: boolean;
}
/** Options for `exited`. */
interface ExitedOptions {
  /**
   * Milliseconds after which the promise rejects with `ERR_TIMEOUT` if the process is still alive. `Infinity` means no
   * limit, `0` means now.
   *
   * @default Infinity
   */
  timeout?: number | undefined;
  /** Cancels the wait: when it is aborted, the promise rejects with its `reason`. The process is left alone. */
  signal?: AbortSignalLike | undefined;
  /**
   * Whether the pending wait keeps the event loop, and so this process, alive.
   *
   * @default true
   */
  ref?: boolean | undefined;
}
/**
 * Resolves when a process has exited, with its exit status. This is `KillTarget.exited` for any value that names a process.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @throws {KillError} `ERR_TIMEOUT`: the process is still alive after `timeout`. `ERR_TARGET_CLOSED`.
 * @throws {KillError} `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see `KillTarget.fromPid`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit.md}
 * @example
 * const { code, signal } = await exited(child, { timeout: 5000 })
 */
declare function exited(target: TargetLike, options?: ExitedOptions): Promise<ExitStatus>;
/** Options for `formatTree`. */
interface FormatTreeOptions {
  /**
   * The columns of a line. What is longer is cut. `Infinity` cuts nothing.
   *
   * @default the width of the terminal, if standard output is one; otherwise 132, as `pstree(1)` has it
   */
  width?: number | undefined;
}
/**
 * Draws processes as a tree, for people: one line for each, with its pid and its command line. A process without one has its
 * name in brackets, as in `ps(1)`. A process of which the parent is not among them starts a tree of its own.
 *
 * Control characters are replaced, so that a command line cannot change the terminal.
 *
 * @param processes Such as `descendants` returns.
 * @returns Lines without a newline after the last. Empty for no processes.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 * @example
 * console.log(formatTree(descendants(child, { self: true })))
 * // 4711 npm run dev
 * // └─ 4712 sh -c vite
 * //    └─ 4713 node node_modules/.bin/vite
 */
declare function formatTree(processes: readonly ProcessInfo[], options?: FormatTreeOptions): string;
/** One step of a termination: the signals to send, and how long to wait for them to take effect. */
interface TerminateStep {
  /** The signals, in the order in which they are sent. `[]` sends nothing: the step only waits. */
  signal: Signal | readonly Signal[];
  /** Milliseconds until the next step, or until SIGKILL after the last one. `Infinity` means no limit. */
  grace: number;
  /**
   * The recipients: all processes in scope (`'all'`), or the target only (`'root'`).
   *
   * @default 'all'
   */
  to?: 'all' | 'root' | undefined;
}
/** What has happened in a termination that is running. */
interface TerminationProgress {
  /** A polite signal was sent (`'signal'`), SIGKILL was sent (`'kill'`), or processes have exited (`'exit'`). */
  readonly kind: 'signal' | 'kill' | 'exit';
  /** The name of the signal that was sent. Absent if processes have exited. */
  readonly signal?: string;
  /** How many processes in scope are known to be alive. */
  readonly left: number;
}
/** Options for `terminate`, `terminateSync`, `killOnAbort` and `waitOrKill`. */
interface TerminateOptions {
  /**
   * The processes to terminate: the target only (`'process'`), its process group (`'group'`), or the target with all its
   * descendants (`'tree'`).
   *
   * @default 'tree'
   */
  scope?: Scope | undefined;
  /**
   * The polite signal, which asks the processes to exit, or several, in the order in which they are sent. Each process gets
   * each of them once. With `'SIGKILL'`, which stands alone, there is no polite signal and no grace period.
   *
   * @default 'SIGTERM'
   */
  killSignal?: Signal | readonly Signal[] | undefined;
  /**
   * The grace period: milliseconds from the polite signal to SIGKILL, for all processes in scope. `0` sends SIGKILL at once
   * and no polite signal. `false` never sends SIGKILL. `Infinity` means no limit.
   *
   * @default 5000
   */
  grace?: number | false | undefined;
  /**
   * Several steps of polite signals, instead of `killSignal` and `grace`. SIGKILL follows the last step.
   *
   * @example
   * steps: [{ signal: 'SIGINT', grace: 1000 }, { signal: 'SIGTERM', grace: 2000 }]
   */
  steps?: readonly TerminateStep[] | undefined;
  /**
   * Milliseconds to wait after SIGKILL (with `grace: false`, after the polite signal). Processes still alive after that are
   * reported as survivors. `Infinity` means no limit.
   *
   * @default 5000
   */
  killTimeout?: number | undefined;
  /**
   * Skips the rest of the grace period when it is aborted. The polite signal is sent in any case. `terminateSync` refuses this
   * option.
   */
  forceSignal?: AbortSignalLike | undefined;
  /**
   * Processes that are left alone, with what they have started: like `target`, each a `KillTarget`, a pid, a token, the object
   * of a child process or a `ProcessInfo`. They are not reported as survivors.
   */
  except?: readonly TargetLike[] | undefined;
  /**
   * Called at each step, to show progress: after each signal that is sent to the processes, and after processes have exited.
   * All calls come before the report. An error that it throws is uncaught, as that of an event listener, and the termination
   * goes on. `terminateSync` refuses this option.
   */
  onStep?: ((step: TerminationProgress) => void) | undefined;
  /**
   * Whether this process, its ancestors and pid 1 may be in scope. If this process is in scope, it comes last. Without
   * this option such a call throws `ERR_PROTECTED_TARGET`.
   *
   * @default false
   */
  allowSelf?: boolean | undefined;
}
/** Options for `terminateSync`, which blocks JavaScript: neither an abort nor a step could be told. It refuses the others. */
type TerminateSyncOptions = Omit<TerminateOptions, 'forceSignal' | 'onStep'>;
/** A process in scope that is still alive after a termination, and the reason. */
interface Survivor extends ProcessInfo {
  /**
   * Why the process is still alive.
   *
   * - `'not-permitted'`: this process may not signal it.
   * - `'unverified'`: its membership or its identity cannot be verified. It was not signalled, or it is not known whether
   *   it has exited.
   * - `'uninterruptible'`: it waits in the kernel, where not even SIGKILL interrupts it. It exits when that wait is over.
   * - `'timeout'`: it was signalled, and it is still alive after all timeouts.
   */
  readonly reason: 'not-permitted' | 'unverified' | 'uninterruptible' | 'timeout';
}
/** What holds the processes of a contained launch together, as a proof: see `Termination`. */
type Containment = 'reaper' | 'kernel' | 'session';
/**
 * What a termination has done to the processes in scope.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 */
interface Termination {
  /**
   * The result for all processes in scope.
   *
   * - `'gone'`: all had exited before the call.
   * - `'exited'`: all have exited, and no SIGKILL was sent by this call or by one that is joined with it.
   * - `'killed'`: all have exited, and SIGKILL was sent by this call or by one that is joined with it.
   * - `'survived'`: some are still alive. See `survivors`.
   */
  readonly outcome: 'gone' | 'exited' | 'killed' | 'survived';
  /** The exit status of the target, or `null` if it is still alive. */
  readonly status: ExitStatus | null;
  /** The number of processes that were found alive and have exited. */
  readonly ended: number;
  /** The processes that are still alive. */
  readonly survivors: readonly Survivor[];
  /** Whether no signal can have reached another process: none was sent by pid alone. */
  readonly raceFree: boolean;
  /**
   * What proves that all processes in scope were found.
   *
   * - `'kernel'`: the target was contained in a PID namespace or a job, which the kernel ends as one. Nothing can have escaped.
   * - `'reaper'`: the target was contained, and its guard has exited, which it does last. Only a program that has killed both
   *   processes of the guard at once may have escaped.
   * - `'process'`: the scope is the target only.
   * - `'session'`: the scope is a tree, and the target leads its session. An orphan that has left the session may have
   *   escaped.
   * - `'group'`: the scope is a group; a process that has left it is not in scope. Or the scope is a tree, and the target leads
   *   a group but no session: an orphan that has left the group may have escaped.
   * - `'descendants'`: the scope is a tree, and the target leads neither. An orphan may have escaped.
   * - `'best-effort'`: facts were missing. Any process may have escaped.
   */
  readonly proof: Containment | 'group' | 'descendants' | 'process' | 'best-effort';
  /** Milliseconds from the call to this report. */
  readonly elapsed: number;
}
/** What `killOnAbort` returns. Dispose of it, for example with `using`, to stop listening to the signal. */
interface KillOnAbort extends Disposable {
  /**
   * Resolves to the report when the processes were terminated. Resolves to `null` if the process exits by itself and leaves no
   * other process in scope, or if this object is disposed of before the abort. Rejects as `terminate` does; a rejection may be
   * ignored. Before the abort it does not keep the event loop alive. From the abort to the report it does.
   */
  readonly done: Promise<Termination | null>;
}
/**
 * Terminates a process when a signal is aborted, or at once if the signal is aborted already.
 *
 * It stays armed after the exit of the process itself if that has left others in scope: `sh -c 'server & echo started'`.
 *
 * Before the abort this does not keep the event loop alive, and neither does `done`. From the abort to the report it does. If
 * this process exits during the grace period, the exit sends SIGKILL.
 *
 * @param target A `KillTarget`, which may be closed after the call, a pid, a token, the object of a child process, or
 * a `ProcessInfo`.
 * @param signal The `AbortSignal`.
 * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
 * @throws {KillError} `ERR_NOT_GROUP_LEADER`: `scope` is `'group'`, and the process leads none.
 * @throws {KillError} As `KillTarget.fromPid` and `KillTarget.fromChild`.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * using killing = killOnAbort(child, signal, { grace: 1000 })
 */
declare function killOnAbort(target: TargetLike, signal: AbortSignalLike, options?: TerminateOptions): KillOnAbort;
/**
 * Returns the processes that listen on a port: for connections by TCP, or for datagrams by UDP, on any IPv4 or IPv6 address. A
 * socket that several processes have inherited names all of them.
 *
 * On Linux it is a port of this network namespace. A server in a container with a network of its own is not found.
 *
 * On Linux, a process of which the parent has the socket, too, is left out in its first 5 seconds unless it has called execve(2):
 * it may be about to, and the program that it then runs does not listen.
 *
 * Each can be passed where a target is expected. Its token makes sure that no later process with its pid is meant.
 *
 * @param port From 1 to 65535.
 * @returns Empty if none listens. On macOS, processes of other users are not found.
 * @throws {KillError} `EPERM`: one is a process of another user, which only that user and root may look at.
 * `ERR_IDENTITY_UNAVAILABLE`: one is in another PID namespace, or the kernel itself listens. `ENOSYS`: `/proc` is absent or
 * belongs to another PID namespace.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: `port` is no port.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/tree.md}
 * @example
 * for (const server of listeners(3000)) await terminate(server)
 */
declare function listeners(port: number): ProcessInfo[];
/**
 * Terminates a process when this process exits, however it exits: also by SIGKILL, or by a crash. It is for processes that other
 * code has started, such as a library's server. What you start yourself, start by `spawn()`: then not even a daemon escapes.
 *
 * A normal exit blocks until the processes have exited: for the grace period at most, or for the sum of those of `steps`. While
 * processes survive SIGKILL, it blocks up to `killTimeout` longer. With `grace: false` it blocks for `killTimeout` at most. In a
 * worker that is the exit of the whole process.
 *
 * For other exits, the first call starts a watch, a small process that waits for the exit of this one: then the watch starts the
 * runtime (Node, Bun, Deno) once more, for the time of the termination. It starts none if nothing is armed by then. Each worker
 * that calls this has a watch of its own, which stays until this process exits.
 *
 * It stays armed until the process and all that it has left in scope have exited. It does not keep the event loop alive.
 *
 * @param target A `KillTarget`, which may be closed after the call, a pid, a token, the object of a child process, or a
 * `ProcessInfo`.
 * @param options As for `terminateSync`.
 * @returns Dispose of it to let the process live on.
 * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
 * @throws {KillError} `ERR_NOT_GROUP_LEADER`: `scope` is `'group'`, and the process leads none.
 * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: the process cannot be distinguished from a later one with its pid, or it has
 * exited and has left others in scope.
 * @throws {KillError} `ENOSYS`: this program is a single executable, which is no runtime. `ERR_GUARD_NOT_FOUND`, `EAGAIN`,
 * `ENOSPC` and others: the watch cannot be started.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit-with-host.md}
 * @example
 * const transport = new StdioClientTransport({ command: 'my-server' })
 * await client.connect(transport)
 * if (transport.pid !== null) killOnExit(transport.pid)
 */
declare function killOnExit(target: TargetLike, options?: TerminateSyncOptions): Disposable;
/**
 * Calls back when the parent of this process has exited, however it has exited: for a child that must not outlive the process
 * that has started it. A parent that has exited before the call counts, too. Then the callback comes in a later turn.
 *
 * If the parent is a package runner (npm, npx, pnpm, yarn, bun, deno), or a shell with `-c`, so does the exit of its parent: a
 * runner lives on when the process that has started it is killed.
 *
 * It waits for the handles of these processes, and polls nothing. It does not keep the event loop alive.
 *
 * Several callbacks are called in the order of the calls, and the default after all of them. None waits for a promise.
 *
 * An orphan is recognized by its session, which is not that of its new parent. A process that leads a session itself, or that
 * shares the session of the init process, as in some containers, is not recognized as an orphan.
 *
 * @param callback Default: ends this process, by `process.exit()`, and in a worker by SIGTERM to this process.
 * @returns Dispose of it to stop waiting.
 * @throws {KillError} `ENOSYS`: the parent is outside this PID namespace. `ERR_IDENTITY_UNAVAILABLE`: it cannot be distinguished
 * from a later process with its pid.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: `callback` is no function.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit-with-host.md}
 * @example
 * onParentExit()
 * @example
 * onParentExit(() => server.close())
 */
declare function onParentExit(callback?: () => void): Disposable;
/** Options for `suspend` and `resume`. */
interface SuspendOptions {
  /**
   * The processes to stop or continue: the target only (`'process'`), its process group (`'group'`), or the target with
   * all its descendants (`'tree'`).
   *
   * @default 'tree'
   */
  scope?: Scope | undefined;
  /**
   * Whether this process, its ancestors and pid 1 may be in scope. If this process is in scope, it comes last. Without
   * this option such a call throws `ERR_PROTECTED_TARGET`.
   *
   * @default false
   */
  allowSelf?: boolean | undefined;
}
/**
 * Stops a process and its descendants, or its group. This is `KillTarget.suspend` for any value that names a process.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns The processes that were not stopped: they may not be signalled, or they still run.
 * @throws {KillError} As `KillTarget.suspend` rejects. `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see
 * `KillTarget.fromPid`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * const running = await suspend(child)
 */
declare function suspend(target: TargetLike, options?: SuspendOptions): Promise<ProcessInfo[]>;
/**
 * Continues the stopped processes of a tree or group. This is `KillTarget.resume` for any value that names a process.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns The processes that may not be signalled.
 * @throws {KillError} As `KillTarget.resume` rejects. `ERR_NOT_A_PROCESS`, `ERR_IDENTITY_UNAVAILABLE`: see
 * `KillTarget.fromPid`.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * await resume(child)
 */
declare function resume(target: TargetLike, options?: SuspendOptions): Promise<ProcessInfo[]>;
/** Options for `waitOrKill`. */
interface WaitOrKillOptions extends TerminateOptions {
  /**
   * Milliseconds that the process may run before it is terminated. `Infinity` means no limit, `0` means now.
   *
   * @default Infinity
   */
  timeout?: number | undefined;
  /** Terminates the process when it is aborted. */
  signal?: AbortSignalLike | undefined;
  /**
   * What becomes of the other processes in scope if the process exits by itself: `'leave'` leaves them alone, `'terminate'`
   * terminates them by the other options, `'kill'` sends them SIGKILL at once.
   *
   * @default 'leave'
   */
  leftovers?: Leftovers | undefined;
  /**
   * Milliseconds to read on after the end of the process, until Node's streams of its stdout and stderr have ended. Those
   * that have not by then, because another process holds them open, are destroyed. `Infinity` means no limit. By default
   * this neither waits for the streams nor destroys them. It has no effect on a target that is no child object, and none on
   * the streams of Bun's and Deno's own children.
   */
  drain?: number | undefined;
}
/** What becomes of the processes that another one leaves behind. */
type Leftovers = 'leave' | 'terminate' | 'kill';
/** What `waitOrKill` resolves to. */
interface WaitOrKillResult {
  /** The exit status of the process. If it could not be terminated, `known` is `false`. */
  readonly status: ExitStatus;
  /** Whether the process was terminated because it ran longer than `timeout`. */
  readonly timedOut: boolean;
  /** Whether the process was terminated because `signal` was aborted. */
  readonly aborted: boolean;
  /**
   * What the termination has done. `null` if the process exited by itself and left no process, or left some with
   * `leftovers: 'leave'`.
   */
  readonly termination: Termination | null;
}
/**
 * Waits until a process exits. Terminates it if it runs longer than `timeout`, or if `signal` is aborted.
 *
 * If the process exits by itself, the option `leftovers` decides what becomes of the processes that it leaves behind.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns The exit status, and what the termination has done. A timeout and an abort do not reject.
 * @throws {KillError} As `KillTarget.prototype.terminate`, `KillTarget.fromPid` and `KillTarget.fromChild`. A scope that would be
 * refused is refused at the call.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * const { status, timedOut } = await waitOrKill(child, { timeout: 60_000, signal })
 */
declare function waitOrKill(target: TargetLike, options?: WaitOrKillOptions): Promise<WaitOrKillResult>;
/**
 * A handle bound to one process. Every operation applies to that process only, never to a later process with the same pid.
 *
 * An open target uses one file descriptor. Close it with `close()` or `using`.
 *
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/api.md}
 * @example
 * using target = KillTarget.fromPid(pid)
 * target.signal('SIGTERM') // true: delivered; false: the process is gone, and nothing was sent
 */
declare class KillTarget implements AnyKillTarget, Disposable, AsyncDisposable {
  #private;
  /** The pid that the target was opened with. After the exit of the process it may belong to another process. */
  readonly pid: number;
  /** How the target identifies its process. Fixed when the target is opened. */
  readonly method: Method;
  /** Whether `signal()` cannot reach another process, even if the pid is reused. Fixed when the target is opened. */
  readonly raceFree: boolean;
  private constructor();
  /**
   * Opens a target on the process that has this pid now. If there is none, the target's `method` is `'gone'`.
   *
   * @param pid A positive 32-bit integer.
   * @throws {KillError} `ERR_NOT_A_PROCESS`: the pid is the id of a thread. `ERR_IDENTITY_UNAVAILABLE`: the process cannot
   * be distinguished from a later one with its pid, and `allowUnverified` is not set.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: an argument is invalid. 0 and negative
   * numbers are no pids.
   * @example
   * using target = KillTarget.fromPid(4711)
   */
  static fromPid(pid: number, options?: OpenOptions): KillTarget;
  /**
   * Opens a target on a child of this process. Call it right after the child was started.
   *
   * A process with the child's pid is refused if it is not a child of this process, or if it was started after an earlier
   * call with the same object. The target's `method` is then `'gone'`.
   *
   * @param child An object with a `pid`: Node's `ChildProcess`, or the subprocess of execa, zx, Bun or Deno.
   * @returns `null` if the child was not started, or if the object says that it has exited.
   * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: the process cannot be distinguished from a later one with its pid, and
   * `allowUnverified` is not set.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: an argument is invalid.
   * @example
   * const child = spawn('server', { detached: true })
   * const target = KillTarget.fromChild(child)
   */
  static fromChild(child: ChildLike, options?: OpenOptions): KillTarget | null;
  /**
   * Opens a target on the process of a token, which another program may have saved. If the process is over, the target is on
   * the session or group that it has left behind, for `terminate()`. Its `method` is then `'gone'`, as it is without these.
   *
   * @param token What `token()` has returned, or `PID:INODE` as util-linux 2.42 writes it.
   * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: it cannot be told whether this is the process. The token was made in
   * another PID namespace, or the process is over and a later one may have had its pid.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: this is no token, or not the whole of one.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/identity.md}
   * @example
   * using server = KillTarget.fromToken(readFileSync('server.token', 'utf8'))
   * await server.terminate()
   */
  static fromToken(token: string): KillTarget;
  /**
   * What contains the process, as `isolation` has it, if `spawn` or `contained` has started it: `'reaper'`, `'kernel'` or
   * `'session'`. `null` otherwise. It is read anew until it is known: the guard's program has to run.
   *
   * @throws {KillError} `ERR_TARGET_CLOSED`.
   */
  get contained(): Containment | null;
  /**
   * Returns a text that names the process to a later program: to `KillTarget.fromToken`, and wherever a target is passed. It
   * is valid until the machine restarts, in the same PID namespace. It is no secret, and gives no permission.
   *
   * Right after the start of the process it may take up to 16 ms, on systems that tell processes by their start time.
   *
   * @returns `null` if the process has been reaped.
   * @throws {KillError} `ERR_IDENTITY_UNAVAILABLE`: the process cannot be distinguished from a later one with its pid.
   * `ERR_TARGET_CLOSED`.
   * @example
   * writeFileSync('server.token', target.token()!)
   */
  token(): string | null;
  /**
   * Returns the pid and the token, so that `JSON.stringify` of a target names its process to a later program.
   *
   * @throws As `token()`.
   */
  toJSON(): TargetJson;
  /**
   * Returns what is known of the process now: its parent, its command line, its state. What cannot be read is `null`.
   *
   * @returns `null` if the process has been reaped. On Windows: if it has exited.
   * @throws {KillError} `ERR_TARGET_CLOSED`.
   * @example
   * const { command, startTime } = target.info() ?? {}
   */
  info(): ProcessInfo | null;
  /**
   * Sends a signal to the process. No process is protected, not even this one.
   *
   * @param signal A signal name or number. Default: `'SIGTERM'`. `0` only checks whether a signal could be sent.
   * @returns `true` if the signal was delivered, also to a zombie. `false` if the process is gone: nothing was sent.
   * @throws {KillError} `EPERM`: not permitted. `ENOSYS`: Windows does not have this signal. `ERR_TARGET_CLOSED`.
   * @throws {TypeError} `ERR_UNKNOWN_SIGNAL`, `ERR_INVALID_ARG_TYPE`: the signal is invalid.
   * @example
   * if (!target.signal('SIGHUP')) console.log('It has exited')
   */
  signal(signal?: Signal): boolean;
  /**
   * Sends a signal to all members of the process group that the process leads or led. On Linux this works even after the
   * leader was reaped, for as long as the group has members and its id is certainly its own.
   *
   * @param signal A signal name or number. Default: `'SIGTERM'`. `0` only checks whether a signal could be sent.
   * @returns `true` if the signal was delivered. `false` if the group is gone: nothing was sent.
   * @throws {KillError} `ERR_NOT_GROUP_LEADER`: the process does not lead a group.
   * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in the group. Not for signal 0.
   * @throws {KillError} `EPERM`: no member may be signalled. `ERR_TARGET_CLOSED`.
   * @throws {KillError} `ENOSYS`: the leader was reaped, and its group cannot be distinguished from a later one with its id. On
   * Windows always.
   * @throws {TypeError} `ERR_UNKNOWN_SIGNAL`, `ERR_INVALID_ARG_TYPE`: the signal is invalid.
   */
  signalPg(signal?: Signal): boolean;
  /**
   * Returns whether the process is alive. A zombie is not, unless some of its threads still run.
   *
   * @throws {KillError} `ERR_TARGET_CLOSED`.
   */
  isAlive(): boolean;
  /**
   * Waits until all threads of the process have exited. It neither waits for its pipes to close nor reaps the process.
   *
   * @returns The exit status. Closing the target after the call does not cancel the wait.
   * @throws {KillError} `ERR_TIMEOUT`: the process is still alive after `timeout`. `ERR_TARGET_CLOSED`.
   * @throws `signal.reason` if `signal` is aborted.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`: an option is invalid.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit.md}
   * @example
   * const { code, signal } = await target.exited({ timeout: 5000 })
   */
  exited(options?: ExitedOptions): Promise<ExitStatus>;
  /**
   * Terminates all processes in scope: sends the polite signal and SIGCONT, waits for the grace period, then sends SIGKILL
   * to those still alive. It resolves when all have exited, or when `killTimeout` is over.
   *
   * Concurrent calls for the same scope join: each keeps its own deadlines, and none repeats a signal that was sent already
   * as its own first step.
   *
   * If the system refuses a thread, as at the limit of processes, and no wait has started one before, this blocks like
   * `terminateSync()`.
   *
   * @returns What happened to the processes. Survivors are not an error: check `outcome`.
   * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
   * @throws {KillError} `ERR_NOT_GROUP_LEADER`: `scope` is `'group'`, and the process does not lead a group.
   * @throws {KillError} `ERR_EXCEPTED_TARGET`: `except` names the process, or one that has started it.
   * @throws {KillError} `EPERM`: no process in scope may be signalled. `ENOSYS`: the system has no safe way to do this.
   * `ERR_TARGET_CLOSED`.
   * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` and others: an option is invalid.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
   * @example
   * const { outcome, survivors } = await target.terminate({ grace: 1000 })
   */
  terminate(options?: TerminateOptions): Promise<Termination>;
  /**
   * Does what `terminate()` does, but blocks until it is done. No JavaScript runs in the meantime. It is for exit
   * listeners: `process.on('exit')`.
   *
   * @throws As `terminate()` rejects.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
   */
  terminateSync(options?: TerminateSyncOptions): Termination;
  /**
   * Waits until the process has exited, and terminates it if it runs too long or if a signal is aborted. This is `waitOrKill`
   * for this target, which may be closed meanwhile.
   *
   * @returns The exit status, why the process ended, and what the termination did.
   * @throws As `waitOrKill` rejects. `ERR_TARGET_CLOSED`.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
   * @example
   * const { status, timedOut } = await target.waitOrKill({ timeout: 30_000 })
   */
  waitOrKill(options?: WaitOrKillOptions): Promise<WaitOrKillResult>;
  /**
   * Terminates all processes in scope when a signal is aborted. This is `killOnAbort` for this target, which may be closed
   * meanwhile.
   *
   * @returns Its `done` resolves to the report. Dispose of it to stop listening to the signal.
   * @throws As `killOnAbort` does. `ERR_TARGET_CLOSED`.
   * @example
   * using armed = target.killOnAbort(controller.signal)
   */
  killOnAbort(signal: AbortSignalLike, options?: TerminateOptions): KillOnAbort;
  /**
   * Terminates all processes in scope when this process exits, however it exits. This is `killOnExit` for this target, which may
   * be closed meanwhile.
   *
   * @returns Dispose of it to let the process live on.
   * @throws As `killOnExit` does. `ERR_TARGET_CLOSED`.
   * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/exit-with-host.md}
   */
  killOnExit(options?: TerminateSyncOptions): Disposable;
  /**
   * Returns the living descendants of the process, parents before their children. This is `descendants` for this target.
   *
   * @throws As `descendants` does. `ERR_TARGET_CLOSED`.
   */
  descendants(options?: DescendantsOptions): ProcessInfo[];
  /**
   * Stops all processes in scope with SIGSTOP, including those that are forked in the meantime. It resolves when none of
   * them runs any more, at the latest after two seconds, or five if a process may be missing.
   *
   * @returns The processes that were not stopped: they may not be signalled, or they still run.
   * @throws {KillError} `ERR_PROTECTED_TARGET`, `ERR_NOT_GROUP_LEADER`, `EPERM`, `ENOSYS`, `ERR_TARGET_CLOSED`: as
   * `terminate()`. `ERR_TIMEOUT`: a process of the tree may be missing, and all that were found have been stopped.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: an option is invalid.
   */
  suspend(options?: SuspendOptions): Promise<ProcessInfo[]>;
  /**
   * Continues all stopped processes in scope with SIGCONT.
   *
   * @returns The processes that may not be signalled.
   * @throws {KillError} `ERR_PROTECTED_TARGET`, `ERR_NOT_GROUP_LEADER`, `EPERM`, `ENOSYS`, `ERR_TARGET_CLOSED`: as
   * `terminate()`. `ERR_TIMEOUT`: a process of the tree may be missing, and all that were found have been continued.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: an option is invalid.
   */
  resume(options?: SuspendOptions): Promise<ProcessInfo[]>;
  /**
   * Closes the target. Pending operations go on. Later calls throw `ERR_TARGET_CLOSED`, except for `close()` itself; `pid`,
   * `method` and `raceFree` stay readable.
   */
  close(): void;
  /** Closes the target at the end of a `using` block. */
  [Symbol.dispose](): void;
  /** Terminates the target as `terminate()` does, then closes it, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}
/** Options for `spawn`: those of Node's `spawn`, and of `ContainOptions`. */
type ContainedSpawnOptions<O extends object = SpawnOptions> = Omit<O, 'killSignal' | 'signal'> & ContainOptions & {
  /**
   * Terminates all when it is aborted. The child then emits `error` with an `AbortError`, as Node's does, unless it has exited:
   * with `leftovers: 'keep'` an abort after that ends what the command has left.
   */
  signal?: AbortSignalLike | undefined;
};
/** A child process that is contained. Its `pid` is that of the guard, which stands for the command. */
type ContainedChild<C extends ChildProcess = ChildProcess> = C & ContainedMembers;
/** What a contained child has besides the members of Node's child process. */
interface ContainedMembers {
  /**
   * The child, bound to its process. `null` if it was not started. A child has two file descriptors until all that it has started is
   * over. If the target is read, they stay open until it is closed.
   */
  readonly target: KillTarget | null;
  /** The pid of the command itself, once the guard has started it. `null` before, and if it was not started. */
  readonly commandPid: number | null;
  /** Terminates all that was started, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}
/**
 * Starts a program as Node's `spawn` does, contained: nothing that it starts escapes, and nothing outlives this process.
 *
 * The options and the events are those of Node's `spawn`. The `exit` event comes once all have exited, as `leftovers` has it. After an
 * abort of `signal`, and after `timeout`, all get `killSignal`, and SIGKILL after `grace`: with `leftovers: 'keep'` also after the
 * exit.
 *
 * @param file The program.
 * @param args Its arguments.
 * @param options Those of Node's `spawn`, and of `ContainOptions`.
 * @returns The child, with its `target`. A program that cannot be started emits `error`, as Node's does.
 * @throws {KillError} `ERR_GUARD_NOT_FOUND`: there is no guard for this platform, or it is not beside the binary.
 * @throws {KillError} `ENOSYS`: another system has this isolation or these leftovers.
 * @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_UNKNOWN_SIGNAL`: an
 * argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * await using server = spawn('npm', ['run', 'dev'])
 * // all that it has started is over at the end of the block
 */
declare function spawn(file: string, args?: readonly string[] | ContainedSpawnOptions<SpawnOptionsWithoutStdio>, options?: ContainedSpawnOptions<SpawnOptionsWithoutStdio>): ContainedChild<ChildProcessWithoutNullStreams>;
/**
 * Starts a program as Node's `spawn` does, contained, with `stdio` as the options have it.
 *
 * @throws As with pipes.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/contain.md}
 * @example
 * const server = spawn('npm', ['run', 'dev'], { stdio: 'inherit' })
 */
declare function spawn(file: string, args: readonly string[] | ContainedSpawnOptions, options?: ContainedSpawnOptions): ContainedChild;
/**
 * Terminates a process with all its descendants, or another scope: sends the polite signal and SIGCONT, waits for the grace
 * period, then sends SIGKILL to the processes still alive. It resolves when all have exited, or when `killTimeout` is over.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns What happened to the processes. Survivors are not an error: check `outcome`.
 * @throws {KillError} As `KillTarget.prototype.terminate`, `KillTarget.fromPid` and `KillTarget.fromChild`.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * const { outcome, survivors } = await terminate(child, { grace: 1000 })
 */
declare function terminate(target: TargetLike, options?: TerminateOptions): Promise<Termination>;
/**
 * Does what `terminate()` does, but blocks until it is done. No JavaScript runs in the meantime. It is for exit listeners:
 * `process.on('exit')`.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns What happened to the processes. Survivors are not an error: check `outcome`.
 * @throws As `terminate()` rejects.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * process.on('exit', () => terminateSync(child, { grace: 0 }))
 */
declare function terminateSync(target: TargetLike, options?: TerminateSyncOptions): Termination;
export { type AbortSignalLike, type Capabilities, type ChildLike, type ContainOptions, type Contained, type ContainedChild, type ContainedSpawnOptions, type DescendantsOptions, type ExitStatus, type ExitedOptions, type FormatTreeOptions, type Isolation, type IsolationCapabilities, KillError, type KillErrorCode, type KillOnAbort, KillTarget, type Leftovers, type Method, type OpenOptions, type ProcessInfo, type Scope, type Signal, type SignalName, type Survivor, type SuspendOptions, type TargetJson, type TargetLike, type TerminateOptions, type TerminateStep, type TerminateSyncOptions, type Termination, type TerminationProgress, type WaitOrKillOptions, type WaitOrKillResult, capabilities, contained, descendants, exited, formatTree, killOnAbort, killOnExit, listeners, onParentExit, resume, spawn, suspend, terminate, terminateSync, waitOrKill };