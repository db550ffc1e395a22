import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { killOnAbort, terminate, terminateSync, waitOrKill } from 'killtarget'
import treeKill from 'killtarget/tree-kill'
import { type Child, ended, line, start, until } from './processes.ts'
import { callbackArguments } from './tree-kill.ts'

// A program that is asked to end may start others to clean up. These must not be asked to end, too.

/** How often each program is ended in each way. */
export const TRIALS = Number(process.env['KILLTARGET_TEST_CLEANUPS'] ?? 1)

/** Each program cleans up by other programs, which take a while, and writes `done` to the file at the end. */
export type Program = (file: string) => [command: string, ...args: string[]]

type End = (child: Child, file: string) => unknown

/** The ways to end a program. */
export const ways: Readonly<Record<string, End>> = {
  terminate: (child) => terminate(child),
  "terminate with the scope 'group'": (child) => terminate(child, { scope: 'group' }),
  terminateSync: (child) => terminateSync(child),
  waitOrKill: (child) => waitOrKill(child, { timeout: 0 }),
  killOnAbort: (child) => {
    const abort = new AbortController()
    const { done } = killOnAbort(child, abort.signal)
    abort.abort()
    // `done` does not keep the event loop alive.
    return Promise.all([done, ended(child)])
  },
  'tree-kill': async (child, file) => {
    await callbackArguments(treeKill, child.pid)
    await ended(child)
    // A package manager may exit before its script does.
    await until(() => existsSync(file))
  },
}

/** Writes a manifest whose script `start` cleans up in a trap. Returns its folder. */
export function writeScript(file: string): string {
  // A package manager may forward the signal, so that the shell gets it twice. bash may exit at the second one in a trap on exit,
  // but it finishes a trap for the signal.
  const script = `bash -c "trap 'sleep 0.4 && echo done >${file}; exit' TERM; sleep 600 & echo ready; wait"`
  writeFileSync(join(dirname(file), 'package.json'), JSON.stringify({ private: true, scripts: { start: script } }))
  return dirname(file)
}

/** Ends a program in one way, and expects it to have finished its clean-up. */
export async function finishes(t: ExecutionContext, title: string, program: Program, end: End): Promise<void> {
  for (let trial = 0; trial < TRIALS; trial++) {
    const folder = mkdtempSync(join(tmpdir(), 'killtarget-clean-up-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'file')
    const [command, ...args] = program(file)
    const child = start(t, command, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    t.is(await line(child), 'ready', title)
    await end(child, file)
    t.true(existsSync(file), title)
    await until(() => readFileSync(file, 'utf8') === 'done\n')
  }
}
