import { strict as assert } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { RaceFacts } from './inside.ts'
import { within } from './within.ts'

/** What was seen, each of it checked; or why there is nothing to see here. */
export type Race = RaceFacts | { skipped: string }

const program = fileURLToPath(new URL('./inside.ts', import.meta.url))
const base = ['--pid', '--fork', '--mount-proc', '--kill-child']
/** Root may make a PID namespace as it is; anyone may, in some places, who makes a user namespace with it. */
const ways = [base, ['--user', '--map-root-user', ...base]]

/** Has a number given to one process after the other, in a PID namespace. */
export async function runRace(): Promise<Race> {
  const attempts = ways.map((options) => ({ options, refusal: refusal(options) }))
  const possible = attempts.find((attempt) => attempt.refusal === undefined)
  if (possible === undefined) return { skipped: [...new Set(attempts.map((attempt) => attempt.refusal))].join('; ') }
  const facts = await run(possible.options)
  check(facts)
  return facts
}

/** Why numbers can't be given out on purpose this way. None: they can. */
function refusal(options: string[]): string | undefined {
  const give = ['sh', '-c', 'echo 100 > /proc/sys/kernel/ns_last_pid']
  const { status, stderr, error } = spawnSync('unshare', [...options, ...give], { encoding: 'utf8' })
  if (error) return error.message
  return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? `unshare failed with ${status}`)
}

async function run(options: string[]): Promise<RaceFacts> {
  const args = [...options, process.execPath, ...process.execArgv, program]
  const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const end = Promise.all([text(child.stdout), once(child, 'exit')])
    const [output, [code]] = await within('The end of the race', end)
    assert.equal(code, 0, `The race ended with exit code ${code}`)
    return JSON.parse(output)
  } finally {
    child.stdin.destroy()
  }
}

function check({ original, processKill, target }: RaceFacts): void {
  const byItself = { code: 0, signal: null }
  assert.deepEqual(original, byItself, 'The original ended by itself')
  assert.equal(target.whileOriginalLived, true, 'The target reaches the original while that lives')
  const hit = { returned: true, stranger: { code: null, signal: 'SIGTERM' } }
  assert.deepEqual(processKill, hit, 'process.kill() hits the stranger')
  assert.equal(target.returned, false, 'signal() returns false')
  assert.equal(target.strangerAnswered, true, 'The stranger that signal() was not sent to answers')
  assert.deepEqual(target.stranger, byItself, 'The stranger that signal() was not sent to ended by itself')
}
