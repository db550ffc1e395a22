import { spawnSync } from 'node:child_process'
import test from 'ava'
import { finishes, type Program, TRIALS, ways, writeScript } from '../helpers/clean-up.ts'
import { kernel } from '../helpers/kernel.ts'
import { testUnless } from '../helpers/test-unless.ts'

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
    program: (file) => ['npm', '--silent', '--prefix', writeScript(file), 'start'],
  },
}

for (const [way, end] of Object.entries(ways)) {
  test(`${way} lets a program finish the clean-up that its signal asked for`, async (t) => {
    t.timeout(180_000 * TRIALS)
    for (const [title, program] of Object.entries(programs)) await finishes(t, title, program, end)
  })
}

for (const [title, { program, reason, except = [] }] of Object.entries(others)) {
  testUnless(reason, `each way to terminate lets a program finish its clean-up: ${title}`, async (t) => {
    t.timeout(180_000 * TRIALS)
    for (const [way, end] of Object.entries(ways)) if (!except.includes(way)) await finishes(t, way, program, end)
  })
}
