import { spawnSync } from 'node:child_process'

/** Why a launcher cannot run a program here. `undefined`: it can. */
export function refusalOf(launcher: readonly string[], program: readonly string[] = ['true']): string | undefined {
  const [command, ...args] = [...launcher, ...program] as [string, ...string[]]
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 })
  if (status === 0) return undefined
  return error?.message ?? (stderr.trim().split('\n')[0] || `${command} exited with ${status}`)
}
