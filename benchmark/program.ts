import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs one of the programs, in a process of its own, and gives what it has written as JSON. */
export function runProgram<T>(name: string): T {
  const program = fileURLToPath(new URL(`./programs/${name}`, import.meta.url))
  const args = [...process.execArgv, program]
  const { status, stdout } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${program} failed`)
  return JSON.parse(stdout) as T
}
