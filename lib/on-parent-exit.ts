import { isMainThread } from 'node:worker_threads'
import { checkFunction } from './arguments.js'
import { sharedState } from './native.js'
import { watchParent } from './parent-watch.js'
import { afterPoll } from './turn.js'

/** What is to be done when the parent has exited. */
interface Call {
  readonly callback: () => void
  /** Whether it ends this process, which would keep the others from being called. */
  readonly isLast: boolean
}

/** One watch serves all: there is no certain order in which the system reports to several. */
const state = sharedState('parent exit', () => ({
  calls: new Set<Call>(),
  stopWatch: null as (() => void) | null,
}))

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
export function onParentExit(callback: () => void = exitProcess): Disposable {
  checkFunction('callback', callback)
  state.stopWatch ??= watchParent(callAll)
  const call = { callback, isLast: callback === exitProcess }
  state.calls.add(call)
  return {
    [Symbol.dispose]() {
      state.calls.delete(call)
      if (state.calls.size > 0) return
      state.stopWatch?.()
      state.stopWatch = null
    },
  }
}

/** Each is called in a turn of its own: if one throws and the program goes on, the others are called all the same. */
function callAll(): void {
  state.stopWatch = null
  const calls = [...state.calls]
  for (const call of [...calls.filter(({ isLast }) => !isLast), ...calls.filter(({ isLast }) => isLast)]) {
    afterPoll(() => {
      if (state.calls.delete(call)) call.callback()
    })
  }
}

function exitProcess(): void {
  if (isMainThread) process.exit()
  // `process.exit()` ends the worker only.
  else process.kill(process.pid, 'SIGTERM')
}
