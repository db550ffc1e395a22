import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { typescript } from '../../scripts/typescript/flags.mjs'
import { mortal } from './processes.ts'

export interface FixtureOptions {
  args?: readonly unknown[]
  /** What stands before the command, and runs it. */
  launcher?: readonly string[]
  /** Milliseconds, to end what hangs. */
  timeout?: number
}

/** How a fixture has run to its end. */
export interface Run {
  /** Null: a signal has ended it. */
  code: number | null
  stdout: string
  stderr: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixtures = new URL('../fixtures/', import.meta.url)

const TIMEOUT = 150_000

/** Runs a fixture, by its name, in a Node of its own, which dies with the test. */
export function run(
  t: Pick<ExecutionContext, 'teardown'>,
  name: string,
  { args = [], launcher = [], timeout = TIMEOUT }: FixtureOptions = {},
): Promise<Run> {
  const path = fileURLToPath(new URL(name, fixtures))
  // What is plain JavaScript runs as it does for users.
  const options = name.endsWith('.ts') ? typescript : ['--no-warnings']
  const node = [process.execPath, ...options, '--expose-gc', path, ...args.map(String)]
  const [command, ...rest] = [...launcher, ...node]
  const settings = { cwd: root, env: mortal(t), timeout, killSignal: 'SIGKILL' as const }
  return new Promise((resolve) => {
    const child = execFile(command!, rest, settings, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}

/** What a fixture found. It is to write that as JSON and nothing else, and to end well. */
export async function found<T>(t: ExecutionContext, name: string, options?: FixtureOptions): Promise<T> {
  const { code, stdout, stderr } = await run(t, name, options)
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' }, `${stdout}${stderr}`)
  return JSON.parse(stdout) as T
}
