import { spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { RUN } from '../helpers/cli.ts'
import { compiled, noCompiler } from '../helpers/compile.ts'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { ended, start, within } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const fixture = fileURLToPath(new URL('../fixtures/terminal.py', import.meta.url))

const has = (program: string) => spawnSync(program, ['--version']).status === 0
const noTerminal = has('python3') ? (has('bash') ? undefined : 'there is no bash') : 'there is no Python'

/** Returns what a check of `terminal.py` has seen. */
async function seen(t: ExecutionContext, check: string, launcher: readonly string[]): Promise<unknown> {
  const child = start(t, 'python3', [fixture, check, compiled('receive'), ...launcher], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = Promise.all([text(child.stdout), text(child.stderr!)])
  const [[stdout, stderr], status] = [await within(output, check), await ended(child)]
  t.deepEqual(status, { code: 0, signal: null }, stderr)
  return JSON.parse(stdout)
}

const [SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGWINCH, SIGRTMAX] = [1, 2, 3, 20, 28, 64]
const KEYS = [SIGINT, SIGQUIT, SIGTSTP, SIGINT, SIGQUIT, SIGTSTP]

for (const { check, title, result } of [
  { check: 'interrupt', title: 'Ctrl-C ends a command', result: 128 + SIGINT },
  {
    check: 'keys',
    title: 'a command gets the signal of each key and of a new window size exactly once',
    result: [...KEYS, SIGWINCH, SIGWINCH],
  },
  { check: 'stop', title: 'Ctrl-Z stops a command and fg continues it', result: 0 },
  { check: 'stop_itself', title: 'a shell sees that a command stops itself, and fg continues it', result: 5 },
  {
    check: 'stop_itself_again',
    title: 'a shell sees each stop of a command that stops itself again at once',
    result: 5,
  },
  { check: 'jobs', title: 'a shell waits for a background job', result: 6 },
  { check: 'background', title: 'bg continues a stopped command in the background', result: 4 },
  {
    check: 'background_read',
    title: 'the terminal stops a background command that reads, and fg lets it read',
    result: 0,
  },
  { check: 'nested', title: 'a shell as the command has its own job control', result: [128 + SIGINT, 9, 128 + SIGINT] },
  { check: 'pipeline', title: 'two commands in a pipeline stop, continue and end together', result: 128 + SIGINT },
  {
    check: 'leader',
    title: 'a command without a shell gets each signal of its terminal exactly once',
    result: [...KEYS, SIGWINCH, 40],
  },
  {
    check: 'hang_up',
    title: 'a command without a shell gets SIGHUP once when its terminal hangs up',
    result: [[0, SIGHUP, SIGRTMAX], 7],
  },
  {
    check: 'hang_up_stopped_leader',
    title: 'a stopped command without a shell ends when its terminal hangs up',
    result: SIGHUP,
  },
  { check: 'hang_up_shell', title: 'a command ends when the terminal of its shell hangs up', result: 'ended' },
  {
    check: 'hang_up_stopped',
    title: 'a stopped command ends when the terminal of its shell hangs up',
    result: 'ended',
  },
]) {
  testUnless(
    noGuard ?? noCompiler ?? noTerminal,
    `${title}, with and without a guard, and by killtarget run`,
    async (t) => {
      t.deepEqual(await seen(t, check, []), result, 'without')
      t.deepEqual(await seen(t, check, [GUARD, '--']), result, 'with')
      t.deepEqual(await seen(t, check, [...RUN, '--']), result, 'killtarget run')
    },
  )
}
