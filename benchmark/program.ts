import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs one of the programs in a process of its own, started by the launcher. Returns the JSON that it prints. */
export function runProgram<T>(name: string, launcher: readonly string[] = []): T {
  const program = fileURLToPath(new URL(`./programs/${name}`, import.meta.url))
  const [command, ...args] = [...launcher, process.execPath, ...process.execArgv, program]
  const { status, stdout } = spawnSync(command!, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${program} failed with exit code ${status}`)
  return JSON.parse(stdout) as T
}
