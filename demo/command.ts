import { type ChildProcess, spawn as plainSpawn, type SpawnOptions } from 'node:child_process'
import { spawn } from 'killtarget'

/** By `node:child_process`, or by killtarget. */
export type Launch = 'plain' | 'contained'

/**
 * Starts a daemon: its parent exits at once, and it has a session of its own. The daemon and the command run until
 * descriptor 3 ends. That is a pipe from the demonstration, which closes when the demonstration exits.
 */
const script = `(setsid sh -c 'echo $$; read _ <&3' &); echo started; read _ <&3`

/** Starts a command that starts a daemon. */
export function startCommand(launch: Launch, options: Pick<SpawnOptions, 'detached' | 'stdio'>): ChildProcess {
  const args = ['-c', script]
  return launch === 'plain' ? plainSpawn('sh', args, options) : spawn('sh', args, options)
}
