import { execFile, type ExecFileException, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { typescript } from '../../scripts/typescript/flags.mjs'

export interface NamespaceOptions {
  args?: string[]
  /** Added to the environment of the test. */
  env?: NodeJS.ProcessEnv
  /** The command of another runtime, in place of Node. */
  runtime?: readonly string[]
  /** Arguments of `unshare`, in place of `defaults`: without `--mount-proc` a fixture sees the `/proc` of its parent. */
  unshare?: readonly string[]
  /** Milliseconds. */
  timeout?: number
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixtures = new URL('../fixtures/', import.meta.url)

const defaults = ['--pid', '--fork', '--mount-proc']

/** Arguments of `unshare` for a fixture in a session of its own. */
export const inSession: readonly string[] = [...defaults, 'setsid']

const node = [process.execPath, ...typescript, '--expose-gc']

/** `unshare` dies with the test's process, pid 1 dies with `unshare`, and the kernel kills the rest with pid 1. */
const launcher = ['--pdeathsig', 'KILL', 'unshare', '--kill-child']

/** A shell stays pid 1. The kernel shields pid 1 from signals, and pid 1 must reap orphans: a fixture does neither. */
const shell = ['sh', '-c', '"$@"; exit $?', 'sh']

/** Runs a program as the first process of its own PID namespace: it adopts orphans, and a runtime never reaps them. */
export const asFirstProcess: readonly string[] = ['setpriv', ...launcher, ...defaults]

/** Returns the command that runs a program in its own PID namespace. No process there survives the program. */
export function namespaceCommand(program: readonly string[], unshare: readonly string[] = defaults): string[] {
  return ['setpriv', ...launcher, ...unshare, ...shell, ...program]
}

/**
 * Runs a fixture, given by its name, in its own PID namespace. Resolves to the JSON that it wrote to stdout.
 *
 * No process of the namespace survives the fixture, however that exits.
 */
export function inNamespace<T>(fixture: string, options: NamespaceOptions = {}): Promise<T> {
  const { args = [], env = {}, runtime = node, unshare = defaults, timeout = 60_000 } = options
  const program = [...runtime, fileURLToPath(new URL(fixture, fixtures)), ...args]
  const settings = {
    cwd: root,
    env: { ...process.env, ...env },
    timeout,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 64 * 2 ** 20,
  }
  const [command, ...rest] = namespaceCommand(program, unshare)
  return new Promise((resolve, reject) => {
    execFile(command!, rest, settings, (error, stdout, stderr) => {
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
  return killed === true ? `not done after ${timeout} ms` : `exited with ${code ?? signal}`
}

/** Why this system cannot make a PID namespace. `null`: it can. */
export const noPidNamespace = refusal('true')

/** Why a test cannot choose the next pid here. It does that in a PID namespace only, where it harms no other process. */
export const noPidReuse = noPidNamespace ?? refusal('echo 100 > /proc/sys/kernel/ns_last_pid')

function refusal(script: string): string | null {
  if (process.platform !== 'linux') return 'only Linux has PID namespaces'
  const { status, error, stderr } = spawnSync('setpriv', [...launcher, ...defaults, 'sh', '-c', `${script}; exit $?`], {
    encoding: 'utf8',
    timeout: 10_000,
    killSignal: 'SIGKILL',
  })
  if (status === 0) return null
  return error?.message ?? (stderr.trim().split('\n')[0] || `unshare exited with ${status}`)
}
