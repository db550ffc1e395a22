import { readdirSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { CLI } from '../helpers/cli.ts'
import { ended, line, NO_PID, sleeper, start } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

/** Nothing listens on it. */
const FREE_PORT = ':1'

/** Resolves to the line of JSON that a command prints for a target, and to its exit code. */
async function json(t: ExecutionContext, command: string, target: string) {
  const child = start(t, process.execPath, [CLI, command, '--json', target])
  return { printed: JSON.parse(await line(child)) as object, code: (await ended(child)).code }
}

for (const [command, rest] of [
  ['--dry-run', { processes: [] }],
  ['wait', { outcome: 'gone', status: null }],
] as const) {
  test(`killtarget ${command} --json has the same fields for a port on which nothing listens as for a process that is gone`, async (t) => {
    for (const [target, pid] of [
      [FREE_PORT, null],
      [String(NO_PID), NO_PID],
    ]) {
      const { printed, code } = await json(t, command, String(target))
      t.deepEqual([printed, code], [{ target, pid, name: null, ...rest }, 4])
    }
  })
}

testUnless(
  process.platform === 'linux' ? undefined : 'only Linux has ids of threads among the pids',
  'killtarget tree --json has the pid and the name only after an error',
  async (t) => {
    const [, thread] = readdirSync('/proc/self/task')
    const members = async (target: string) => Object.keys((await json(t, 'tree', target)).printed)
    t.deepEqual(await members(String(sleeper(t).pid)), ['target', 'processes'])
    t.deepEqual(await members(thread!), ['target', 'pid', 'name', 'error'])
  },
)
