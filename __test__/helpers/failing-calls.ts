import type { Case, Found } from '../fixtures/failing-calls.ts'

const ERRORS = ['EINTR', 'EAGAIN', 'ENOMEM', 'EMFILE', 'EPERM', 'EACCES']

/** Which calls fail: the first, every third, all. */
const PATTERNS = ['1', '1+3', '1+']

const shared = ['fcntl', 'getpgid', 'getsid', 'ioctl', 'name_to_handle_at', 'open_by_handle_at', 'pidfd_open']
const signaling = ['kill', 'pidfd_send_signal', 'poll']
const files = ['close', 'fstatfs', 'getdents64', 'newfstatat', 'openat', 'openat2', 'read', 'readlink', 'write']
const facts = ['capget', 'tgkill', 'uname', 'waitid']

/**
 * The system calls that each thread makes for a termination, as strace lists them. Left out are calls that cannot fail, those
 * of the memory allocator and of locks, and in a thread with an event loop those that the loop makes.
 */
export const CALLS: Readonly<Record<Case['thread'], readonly string[]>> = {
  sync: [...shared, ...signaling, ...files, ...facts],
  caller: [...shared, ...signaling, 'clone3'],
  core: [...shared, ...signaling, ...files, ...facts, 'epoll_ctl', 'epoll_pwait', 'timerfd_settime'],
}

/**
 * Those that are left out. They cannot fail, or are those of the memory allocator and of locks. `getrandom` for few bytes is
 * neither interrupted nor short of anything (`getrandom(2)`).
 */
export const LEFT_OUT: readonly string[] =
  `getpid getppid gettid getuid geteuid getrandom rt_sigreturn restart_syscall sched_yield brk madvise mmap mprotect mremap
  munmap futex rt_sigprocmask`.split(/\s+/)

/** Node handles SIGCHLD on any thread. It makes these calls then, and repeats them until they succeed, or aborts. */
const OF_SIGNAL_HANDLER = new Set(['read', 'write'])

/** A member ignores SIGTERM, so that the termination takes each of its stages. */
export const TREES = ['root(a is:b(c))', 'root(i:a g:b(c))']

/** Returns each call with each error, and each pattern. */
export function matrix(): Case[] {
  return allCases().filter(
    ({ call, fault }) => !OF_SIGNAL_HANDLER.has(call) || /^error=(EINTR|EAGAIN):when=1(\+3)?$/.test(fault),
  )
}

function allCases(): Case[] {
  return Object.entries(CALLS).flatMap(([thread, calls]) =>
    calls.flatMap((call) =>
      ERRORS.flatMap((error) =>
        PATTERNS.flatMap((when) =>
          TREES.map((tree, index) => ({
            thread: thread as Case['thread'],
            call,
            fault: `error=${error}:when=${when}`,
            detached: index === 0,
            tree,
          })),
        ),
      ),
    ),
  )
}

/** Descriptors that a call may leave open, such as those that the first call of a process keeps. */
const MAX_LEAKED = 3

/** Milliseconds that a call may take on a busy machine, where strace makes each system call slow. Alone it takes up to 3,000. */
const MAX_ELAPSED = 60_000

/** Returns what is wrong after a call: what is false in its report. Returns `undefined` if nothing is. */
export function falsehood(found: Found): string | undefined {
  const { call, report, error, root, alive, strangerLives, leaked, elapsed } = found
  if (!strangerLives) return 'a process outside of the tree was terminated'
  if (elapsed > MAX_ELAPSED) return `it took ${elapsed} ms`
  // strace does not make the call that it lets fail.
  if (call !== 'close' && leaked > MAX_LEAKED) return `${leaked} descriptors are left open`
  if (report === undefined) return error?.name === 'KillError' ? undefined : `it failed with ${error?.name}`
  const { outcome, status: exit, survivors, proof } = report
  const named = new Set(survivors.map(({ pid }) => pid))
  if (outcome === 'gone') return 'all were alive before the call'
  // Without a name only if facts were missing: a process may be alive.
  const mayBeUnnamed = outcome === 'survived' && proof === 'best-effort'
  if ((outcome === 'survived') !== survivors.length > 0 && !mayBeUnnamed)
    return `${outcome} with ${survivors.length} survivors`
  if (alive.includes(root)) {
    if (exit !== null) return 'the root has not exited'
    if (!named.has(root)) return 'the root is alive and no survivor'
  } else if (exit?.known === true && !['SIGTERM', 'SIGKILL'].includes(exit.signal!)) {
    return `the exit status of the root is ${JSON.stringify(exit)}`
  }
  const unnamed = alive.filter((pid) => !named.has(pid))
  // No process was an orphan before the call, and the proof covers those that the call made.
  if (unnamed.length > 0 && proof !== 'best-effort') return `${unnamed.length} alive without a name, proof ${proof}`
  return undefined
}
