import { execFile, type ExecFileException, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { typescript } from '../../scripts/typescript/flags.mjs'

export interface NamespaceOptions {
  args?: string[]
  /** Over the environment of the test. */
  env?: Record<string, string>
  /** What `unshare` makes anew: in place of `defaults`, so that a fixture can have the `/proc` of its parent. */
  unshare?: string[]
  /** Milliseconds. */
  timeout?: number
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixtures = new URL('../fixtures/', import.meta.url)

const defaults = ['--pid', '--fork', '--mount-proc']

/** Each dies with the one that started it: `unshare` with the test's process, pid 1 with `unshare`, and all with pid 1. */
const launcher = ['--pdeathsig', 'KILL', 'unshare', '--kill-child']

/** The shell stays as pid 1, which the kernel shields from signals and which has to reap orphans: not for a fixture. */
const shell = ['sh', '-c', '"$@"; exit $?', 'sh']

/**
 * Runs a fixture, by its name, in a PID namespace of its own, and gives back the JSON that it wrote to its stdout.
 *
 * However that ends, nothing that was started in the namespace lives on.
 */
export function inNamespace<T>(fixture: string, options: NamespaceOptions = {}): Promise<T> {
  const { args = [], env = {}, unshare = defaults, timeout = 60_000 } = options
  const path = fileURLToPath(new URL(fixture, fixtures))
  const node = [process.execPath, ...typescript, '--expose-gc', path, ...args]
  const settings = {
    cwd: root,
    env: { ...process.env, ...env },
    timeout,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 64 * 2 ** 20,
  }
  return new Promise((resolve, reject) => {
    execFile('setpriv', [...launcher, ...unshare, ...shell, ...node], settings, (error, stdout, stderr) => {
      try {
        if (error !== null) throw new Error(failure(error, timeout))
        resolve(JSON.parse(stdout) as T)
      } catch (cause) {
        reject(new Error(`${fixture}: ${(cause as Error).message}\nstdout: ${stdout}\nstderr: ${stderr}`, { cause }))
      }
    })
  })
}

function failure({ killed, code, signal }: ExecFileException, timeout: number): string {
  return killed === true ? `not done after ${timeout} ms` : `ended with ${code ?? signal}`
}

/** Why no PID namespace can be made here. */
export const noPidNamespace = refusal('true')

/** Why the next pid can't be chosen here, which only a PID namespace lets one do without harm. */
export const noPidReuse = noPidNamespace ?? refusal('echo 100 > /proc/sys/kernel/ns_last_pid')

function refusal(script: string): string | null {
  if (process.platform !== 'linux') return 'PID namespaces are of Linux'
  const { status, error, stderr } = spawnSync('setpriv', [...launcher, ...defaults, 'sh', '-c', `${script}; exit $?`], {
    encoding: 'utf8',
    timeout: 10_000,
    killSignal: 'SIGKILL',
  })
  if (status === 0) return null
  return error?.message ?? (stderr.trim().split('\n')[0] || `unshare ended with ${status}`)
}
