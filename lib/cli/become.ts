import { spawn } from 'node:child_process'
import { ownHostToken } from '../host-token.js'
import { replaceProcess } from './replace.js'

/**
 * Lets the guard take the place of this process: replaces this process by it. Windows only starts further processes. There this
 * process waits for the guard and exits with its code, and the guard watches it as one more host.
 *
 * @param guard The path of the guard, and its options.
 * @param hosts What it watches. Empty: nothing.
 * @param args The last arguments of this process, which it gets as they are.
 * @param descriptors Those that it gets, of those that this process closes when it is replaced.
 */
export function becomeGuard(
  guard: readonly string[],
  hosts: readonly string[],
  args: readonly string[],
  descriptors: readonly number[],
): void {
  if (process.platform === 'win32') return startGuard(guard, hosts.length > 0 ? [ownHostToken(), ...hosts] : [], args)
  replaceProcess([...guard, ...asOptions(hosts)], args, descriptors)
}

function startGuard([guard, ...options]: readonly string[], hosts: readonly string[], args: readonly string[]): void {
  // The console tells all of its processes, the command too. This one ends with the guard.
  for (const signal of ['SIGINT', 'SIGBREAK', 'SIGHUP'] as const) process.on(signal, () => {})
  const child = spawn(guard!, [...options, ...asOptions(hosts), ...args], { stdio: 'inherit' })
  child.on('exit', (code) => process.exit(code ?? 1))
  child.on('error', (error) => {
    console.error(`killtarget run: ${error.message}`)
    process.exitCode = 125
  })
}

const asOptions = (hosts: readonly string[]) => hosts.map((host) => `--parent=${host}`)
