import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { typescript } from '../../scripts/typescript/flags.mjs'
import { testEnv } from './processes.ts'

export interface FixtureOptions {
  args?: readonly unknown[]
  /** A command that runs the command after it. */
  launcher?: readonly string[]
  /** Milliseconds after which a fixture that hangs is killed. */
  timeout?: number
}

/** The exit code and the output of a fixture. */
export interface Run {
  /** `null`: a signal terminated it. */
  code: number | null
  stdout: string
  stderr: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixtures = new URL('../fixtures/', import.meta.url)

const TIMEOUT = 150_000

/** Runs a fixture, given by its name, in its own Node. That Node is killed when the test ends. */
export function run(
  t: Pick<ExecutionContext, 'teardown'>,
  name: string,
  { args = [], launcher = [], timeout = TIMEOUT }: FixtureOptions = {},
): Promise<Run> {
  const path = fileURLToPath(new URL(name, fixtures))
  // Plain JavaScript runs without a loader, as it does for users.
  const options = name.endsWith('.ts') ? typescript : ['--no-warnings']
  const node = [process.execPath, ...options, '--expose-gc', path, ...args.map(String)]
  const [command, ...rest] = [...launcher, ...node]
  const settings = { cwd: root, env: testEnv(t), timeout, killSignal: 'SIGKILL' as const }
  return new Promise((resolve) => {
    const child = execFile(command!, rest, settings, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}

/** Runs a fixture and parses its output. The fixture must write JSON and nothing else, and exit with 0. */
export async function found<T>(t: ExecutionContext, name: string, options?: FixtureOptions): Promise<T> {
  const { code, stdout, stderr } = await run(t, name, options)
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' }, `${stdout}${stderr}`)
  return JSON.parse(stdout) as T
}
