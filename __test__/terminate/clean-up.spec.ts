import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { killOnAbort, terminate, terminateSync, waitOrKill } from 'killtarget'
import treeKill from 'killtarget/tree-kill'
import { type Child, ended, line, start, until } from '../helpers/processes.ts'
import { callbackArguments } from '../helpers/tree-kill.ts'

// A program that is asked to end may start others to clean up. These must not be asked to end, too.

/** Each program cleans up by other programs, which take a while, and writes `done` to the file at the end. */
const programs: Record<string, (file: string) => [command: string, ...args: string[]]> = {
  "a shell's trap on exit": (file) => [
    'bash',
    '-c',
    `trap 'sleep 0.4 && echo done >${file}' EXIT; echo ready; sleep 60`,
  ],
  "a shell's trap that runs a script": (file) => [
    'sh',
    '-c',
    `trap 'sh -c "sleep 0.2 && sleep 0.2 && echo done >${file}"; exit' TERM; sleep 60 & echo ready; wait`,
  ],
  "a shell's trap that starts a session": (file) => [
    'sh',
    '-c',
    `trap 'setsid --wait sh -c "sleep 0.2 && sleep 0.2 && echo done >${file}"; exit' TERM; sleep 60 & echo ready; wait`,
  ],
  "a shell's trap in a child": (file) => [
    'sh',
    '-c',
    `(trap 'sleep 0.4 && echo done >${file}; exit' TERM; sleep 60 & echo ready; wait) & trap : TERM; wait; wait`,
  ],
  'a handler in Node': (file) => [
    process.execPath,
    '--eval',
    `process.on('SIGTERM', () => {
       require('child_process').execFileSync('sh', ['-c', 'sleep 0.4 && echo done >${file}'])
       process.exit()
     })
     setInterval(() => {}, 1000)
     console.log('ready')`,
  ],
}

const ways: Record<string, (child: Child) => unknown> = {
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
  'tree-kill': async (child) => {
    await callbackArguments(treeKill, child.pid)
    await ended(child)
  },
}

for (const [way, end] of Object.entries(ways)) {
  test(`${way} lets a program finish the clean-up that its signal asked for`, async (t) => {
    for (const [title, program] of Object.entries(programs)) {
      const folder = mkdtempSync(join(tmpdir(), 'killtarget-clean-up-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      await finishes(t, title, join(folder, 'file'), program, end)
    }
  })
}

async function finishes(
  t: ExecutionContext,
  title: string,
  file: string,
  program: (file: string) => [command: string, ...args: string[]],
  end: (child: Child) => unknown,
): Promise<void> {
  const [command, ...args] = program(file)
  const child = start(t, command, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  t.is(await line(child), 'ready', title)
  await end(child)
  t.true(existsSync(file), title)
  await until(() => readFileSync(file, 'utf8') === 'done\n')
}
