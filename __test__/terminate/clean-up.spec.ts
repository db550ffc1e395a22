import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { killOnAbort, terminate, terminateSync, waitOrKill } from 'killtarget'
import treeKill from 'killtarget/tree-kill'
import { kernel } from '../helpers/kernel.ts'
import { type Child, ended, line, start, until } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { callbackArguments } from '../helpers/tree-kill.ts'

// A program that is asked to end may start others to clean up. These must not be asked to end, too.

/** Each program cleans up by other programs, which take a while, and writes `done` to the file at the end. */
type Program = (file: string) => [command: string, ...args: string[]]

const programs: Record<string, Program> = {
  "a shell's trap on exit": (file) => [
    'bash',
    '-c',
    `trap 'sleep 0.4 && echo done >${file}' EXIT; sleep 600 & echo ready; wait`,
  ],
  "a shell's trap that runs a script": (file) => [
    'sh',
    '-c',
    `trap 'sh -c "sleep 0.2 && sleep 0.2 && echo done >${file}"; exit' TERM; sleep 600 & echo ready; wait`,
  ],
  "a shell's trap that starts a session": (file) => [
    'sh',
    '-c',
    `trap 'setsid --wait sh -c "sleep 0.2 && sleep 0.2 && echo done >${file}"; exit' TERM; sleep 600 & echo ready; wait`,
  ],
  "a shell's trap in a child": (file) => [
    'sh',
    '-c',
    `(trap 'sleep 0.4 && echo done >${file}; exit' TERM; sleep 600 & echo ready; wait) & trap : TERM; wait; wait`,
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

/** These need another program, which may be missing or slow. */
const others: Record<string, { program: Program; reason?: string | undefined; except?: string[] }> = {
  'a handler on exit in Python': {
    reason: spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no Python',
    program: (file) => [
      'python3',
      '-c',
      `import atexit, signal, subprocess, sys
atexit.register(subprocess.run, ['sh', '-c', 'sleep 0.4 && echo done >${file}'])
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
print('ready', flush=True)
while True: signal.pause()`,
    ],
  },
  "a shell's trap in a session that setsid waits for": {
    program: (file) => [
      'setsid',
      '--wait',
      'sh',
      '-c',
      `trap 'sh -c "sleep 0.4 && echo done >${file}"; exit' TERM; sleep 600 & echo ready; wait`,
    ],
    // The session is not in the group of `setsid`.
    except: ["terminate with the scope 'group'"],
  },
  "a shell's trap under npm": {
    reason: kernel === 'host' ? undefined : 'npm takes long in user-mode Linux',
    program: (file) => {
      // npm forwards the signal, so that the shell gets it twice. bash may exit at the second one in a trap on exit, but it
      // finishes a trap for the signal.
      const script = `bash -c "trap 'sleep 0.4 && echo done >${file}; exit' TERM; sleep 600 & echo ready; wait"`
      writeFileSync(join(dirname(file), 'package.json'), JSON.stringify({ scripts: { start: script } }))
      return ['npm', '--silent', '--prefix', dirname(file), 'start']
    },
  },
}

const ways: Record<string, (child: Child, file: string) => unknown> = {
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
    // npm may exit before its script does.
    await until(() => existsSync(file))
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

for (const [title, { program, reason, except = [] }] of Object.entries(others)) {
  testUnless(reason, `each way to terminate lets a program finish its clean-up: ${title}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'killtarget-clean-up-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    for (const [index, [way, end]] of Object.entries(ways).entries()) {
      if (!except.includes(way)) await finishes(t, way, join(folder, `file-${index}`), program, end)
    }
  })
}

async function finishes(
  t: ExecutionContext,
  title: string,
  file: string,
  program: Program,
  end: (child: Child, file: string) => unknown,
): Promise<void> {
  const [command, ...args] = program(file)
  const child = start(t, command, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  t.is(await line(child), 'ready', title)
  await end(child, file)
  t.true(existsSync(file), title)
  await until(() => readFileSync(file, 'utf8') === 'done\n')
}
