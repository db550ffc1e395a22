import { fileURLToPath } from 'node:url'
import test from 'ava'
import { onParentExit } from 'killtarget'
import { noNpm } from '../helpers/cli.ts'
import { type Child, ended, line, program, start } from '../helpers/processes.ts'
import { environmentOf, type Runtime, runtimes } from '../helpers/runtimes.ts'
import { failToOpen, noStrace } from '../helpers/strace.ts'
import { testUnless } from '../helpers/test-unless.ts'

type Test = Parameters<typeof start>[0]

const fixture = fileURLToPath(new URL('../fixtures/on-parent-exit.mjs', import.meta.url))
const [node] = runtimes as [Runtime]

/** A parent that starts a command, with its own output, and waits. */
const PARENT = `
  import { spawn } from 'node:child_process'
  const [command, ...args] = process.argv.slice(1)
  spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  process.stdin.resume()
`

/** Starts a parent, whose child calls `onParentExit` in a runtime. Both write to the same pipe. */
function family(t: Test, { args, path, kind, ...rest }: Runtime, way: string, launcher: readonly string[] = []): Child {
  const env = environmentOf({ args, kind, path: path!, ...rest })
  // In a session of its own: the one of the init process may be that of the test, and tells nothing of an orphan.
  return program(t, PARENT, [...launcher, path!, ...args, fixture, kind, way], { env, detached: true })
}

/** Resolves once all processes that write to the output of a child have exited. Returns what they have written since. */
async function restOf(child: Child): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    const next = await line(child).catch(() => undefined)
    if (next === undefined) return lines
    lines.push(next)
  }
}

for (const runtime of runtimes) {
  const { name, reason } = runtime
  const expected: [way: string, lines: string[]][] = [
    ['default', []],
    ['callback', ['called']],
    ['dispose', ['called']],
    ['throw', ['thrown']],
    ['several', ['first', 'thrown', 'last']],
    ['late', ['called']],
    ['worker', []],
  ]
  // Bun and Deno have no mock of their timers.
  if (name === 'node') expected.push(['faked timers', ['called']], ['faked timers, late', ['called']])
  // Other versions of Node hardly differ in that.
  const ways = name.startsWith('node-') ? expected.slice(0, 1) : expected
  for (const [way, lines] of ways) {
    testUnless(reason, `${name}: a child exits when its parent is killed: ${way}`, async (t) => {
      const parent = family(t, runtime, way)
      t.regex(await line(parent), /^\d+$/)
      parent.kill('SIGKILL')
      await ended(parent)
      t.deepEqual(await restOf(parent), lines)
    })
  }

  testUnless(reason, `${name}: onParentExit does not keep the event loop alive`, async (t) => {
    const { args, path, kind } = runtime
    const child = start(t, path!, [...args, fixture, kind, 'empty loop'], { env: environmentOf(runtime) })
    t.regex(await line(child), /^\d+$/)
    t.deepEqual(await ended(child), { code: 0, signal: null })
  })
}

test('a child below a shell exits when the process that has started the shell is killed', async (t) => {
  // With a second command, no shell replaces itself.
  const parent = family(t, node, 'callback', ['sh', '-c', '"$@"; :', 'sh'])
  await line(parent)
  parent.kill('SIGKILL')
  t.deepEqual(await restOf(parent), ['called'])
})

testUnless(noNpm, 'a child below npx exits when the process that has started npx is killed', async (t) => {
  const env = { ...process.env, npm_config_update_notifier: 'false' }
  const parent = program(t, PARENT, ['npx', '-c', `"${node.path!}" "${fixture}" node callback`], { env })
  t.regex(await line(parent), /^\d+$/)
  parent.kill('SIGKILL')
  t.deepEqual(await restOf(parent), ['called'])
})

test('a parent that lives does not end its child', async (t) => {
  const parent = family(t, node, 'callback')
  const pid = Number(await line(parent))
  const isAlive = () => process.kill(pid, 0)
  for (let round = 0; round < 20; round++) {
    await new Promise(setImmediate)
    t.true(isAlive())
  }
  parent.kill('SIGKILL')
  t.deepEqual(await restOf(parent), ['called'])
})

test('onParentExit refuses what is no function', (t) => {
  for (const callback of [null, 1, 'exit', {}]) {
    t.throws(() => onParentExit(callback as never), { code: 'ERR_INVALID_ARG_TYPE' })
  }
})

/** Calls `onParentExit` at a line, and writes what has come of it. */
const ASKED = `
  import { onParentExit } from 'killtarget'
  const end = (line) => {
    console.log(line)
    process.exit()
  }
  console.log('ready')
  process.stdin.once('data', () => {
    try {
      onParentExit(() => end('exited'))
      setTimeout(end, 50, 'armed')
    } catch ({ code }) {
      end(code)
    }
  })
`

testUnless(noStrace, 'what cannot be read does not count as the exit of the parent', async (t) => {
  for (let number = 1; number <= 50; number++) {
    const child = program(t, ASKED)
    await line(child)
    const strace = await failToOpen(t, child.pid, number)
    child.stdin.write('\n')
    t.true(['armed', 'ENOMEM'].includes(await line(child)), `call ${number}`)
    await ended(strace)
  }
})
