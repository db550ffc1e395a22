import { strict as assert } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { PidReuse } from './pid-reuse.ts'
import { within } from './within.ts'

/** What happened, all of it checked, or why it cannot be shown here. */
export type Race = PidReuse | { skipped: string }

const program = fileURLToPath(new URL('./pid-reuse.ts', import.meta.url))
const options = ['--pid', '--fork', '--mount-proc', '--kill-child']
/** Root makes a PID namespace directly. On some systems other users may make one in a user namespace. */
const variants = [options, ['--user', '--map-root-user', ...options]]

/** Reuses a pid, in a PID namespace. */
export async function runRace(): Promise<Race> {
  const attempts = variants.map((variant) => ({ variant, refusal: refusalOf(variant) }))
  const possible = attempts.find(({ refusal }) => refusal === undefined)
  if (possible === undefined) return { skipped: [...new Set(attempts.map(({ refusal }) => refusal))].join('; ') }
  const facts = await run(possible.variant)
  check(facts)
  return facts
}

/** Returns why pids cannot be chosen in such a namespace, or `undefined` if they can. */
function refusalOf(variant: string[]): string | undefined {
  const choosePid = ['sh', '-c', 'echo 100 > /proc/sys/kernel/ns_last_pid']
  const { status, stderr, error } = spawnSync('unshare', [...variant, ...choosePid], { encoding: 'utf8' })
  if (error) return error.message
  return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? `unshare failed with exit code ${status}`)
}

async function run(variant: string[]): Promise<PidReuse> {
  const args = [...variant, process.execPath, ...process.execArgv, program]
  const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const end = Promise.all([text(child.stdout), once(child, 'exit')])
    const [output, [code]] = await within('The end of the race', end)
    assert.equal(code, 0, `The race failed with exit code ${code}`)
    return JSON.parse(output)
  } finally {
    child.stdin.destroy()
  }
}

function check({ original, processKill, target }: PidReuse): void {
  const byItself = { code: 0, signal: null }
  assert.deepEqual(original, byItself, 'The original process exits by itself')
  assert.equal(target.returnedBefore, true, 'signal(0) returns true while the original process is alive')
  const killed = { returned: true, reused: { code: null, signal: 'SIGTERM' } }
  assert.deepEqual(processKill, killed, 'process.kill() terminates another process that has the pid')
  assert.equal(target.returned, false, 'signal() returns false when the pid is reused')
  assert.equal(target.reusedAnswers, true, 'signal() leaves another process that has the pid alive')
  assert.deepEqual(target.reused, byItself, 'signal() sends nothing to another process that has the pid')
}
